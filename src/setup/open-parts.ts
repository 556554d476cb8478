import path from 'node:path'
import { CosmicError, fields } from '../base/index'
import { Signer, type KeyStore } from '../signer/index'
import { memoryStorage, type BlockStore, type KeyValueStorage } from '../store/index'
import type { HttpTransport } from '../adapters/transport/http'
import type { Transport } from '../wire/index'
import type { Config } from './config-schema'
import { checkConfig } from './resolve-config'

/** A configuration with all its parts. Throws `bad-type`, as `resolveConfig` rejects for values that cannot be. */
function whole(config: Config): Config {
  return checkConfig(fields(config, 'config'))
}

/** The key store that the configuration names; encrypted where there is a passphrase. */
export async function openKeyStore(config: Config): Promise<KeyStore> {
  const { folder, identity } = whole(config)
  const { encryptedFileKeyStore, fileKeyStore } = await import('../adapters/keystore/file')
  const file = identity.file ?? path.join(folder, 'identity')
  return identity.passphrase === undefined ? fileKeyStore(file) : encryptedFileKeyStore(file, identity.passphrase)
}

/** The identity; rejects with `no-identity`, and the command that makes one, when there is none yet. */
export async function loadIdentity(config: Config): Promise<Signer> {
  const seed = await (await openKeyStore(config)).load()
  if (seed !== undefined) return Signer.fromSeed(seed)
  throw new CosmicError({ code: 'no-identity', hint: 'npx cosmic-embeddings init makes one' })
}

/** The storage that the configuration names. Rejects with `missing-peer`, and as its adapter does. */
export async function openStorage(config: Config): Promise<KeyValueStorage | BlockStore> {
  const { folder, storage } = whole(config)
  switch (storage.kind) {
    case 'memory':
      return memoryStorage()
    case 'lmdb': {
      const { lmdbStorage } = await import('../adapters/storage/lmdb')
      return lmdbStorage(storage.path ?? path.join(folder, 'store'))
    }
    case 'postgres': {
      const { postgresStore } = await import('../adapters/storage/postgres')
      return postgresStore(storage.url!, storage.schema === undefined ? {} : { schema: storage.schema })
    }
  }
}

/** HTTP, which listens where the HTTP API will serve it: under `/sync`, whose own rules say which pages may connect. */
export async function openHttpTransport({ http }: Config): Promise<HttpTransport> {
  const { httpTransport } = await import('../adapters/transport/http')
  return httpTransport(http.sync ? { listen: { origins: '*' } } : {})
}

/** WebSocket always, since dialling costs nothing; WebRTC where there is a signaling service to meet at. */
export async function openTransports(config: Config): Promise<Transport[]> {
  const { websocket, webrtc } = whole(config)
  const { webSocketTransport } = await import('../adapters/transport/websocket')
  const { listen, host, port, path: served, origins } = websocket
  const place = { host, port, ...(served !== undefined && { path: served }), ...(origins && { origins }) }
  const transports = [webSocketTransport(listen ? { listen: place } : {})]
  if (webrtc.signaling === undefined) return transports
  const { webRtcTransport } = await import('../adapters/transport/webrtc')
  const { signaling, room, iceServers, iceTransportPolicy } = webrtc
  return [...transports, webRtcTransport({ signaling, room, iceTransportPolicy, ...(iceServers && { iceServers }) })]
}
