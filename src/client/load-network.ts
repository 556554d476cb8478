import { loadOnce } from '../base/index'

/** What speaks to peers: sessions, reconciliation, the secure channel. Whoever works alone never loads it. */
export const loadNetwork = loadOnce(() => import('./open-network'))
