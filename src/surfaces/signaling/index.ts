export { createSignalingServer } from './signaling-server'
export type { SignalingServer, SignalingServerOptions, SignalingStats } from './signaling-server'
