// What a client loads when it is first asked for, in one piece.
export { exportArchive, importArchive } from './archive'
export { clientStatus } from './client-status'
export { copyFrom } from './copy'
export { openReplay } from './replay'
export { search } from './search'
export { historyOf, makeRetraction } from './versions'
export { waitForAll } from './wait-for-sync'
