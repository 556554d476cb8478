export { MAX_CHANNEL_MESSAGE, openSecureChannel, type SecureChannel, type SecureChannelOptions } from './secure-channel'
export * from './signaling'
export * from './signaling-messages'
export * from './transport'
