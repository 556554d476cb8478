import { CosmicError } from '../../base/index'
import { webSocketSignaling } from '../../adapters/transport/webrtc'
import { webSocketTransport } from '../../adapters/transport/websocket'
import { SyncClient } from '../../client/index'
import { INSTALL_EMBEDDER, loadEmbedder, openTransports, type Config } from '../../setup/index'
import { Signer } from '../../signer/index'
import { failed, ok, quoted, skipped, warning, within, type Check, type CheckOptions, type Found } from './finding'

/** Whether the model that the settings name, or find, makes vectors. */
export const checkModel: Check = async (config, options) => {
  const { kind, url } = config.embedder
  if (kind === 'none') return [skipped('embedder.kind is none: vectors come with their model')]
  try {
    const embedder = await loadEmbedder(config)
    if (!embedder) return [warning('no model is installed: texts cannot be remembered or searched', INSTALL_EMBEDDER)]
    const start = performance.now()
    const [vector] = await embedder.embed(['one text'], { kind: 'query', signal: within(options) })
    const ms = Math.round(performance.now() - start)
    return [ok(`${embedder.modelId}: ${vector!.length} numbers for a text in ${ms} ms`)]
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof CosmicError && error.code === 'missing-peer') {
      return [failed(`the package ${error.package!} is not installed`, error.install)]
    }
    return [failed(`${url ?? kind}: ${messageOf(error)}`, modelFix(config.embedder, messageOf(error)))]
  }
}

function modelFix({ kind, model = '' }: Config['embedder'], message: string): string {
  if (/answered 40[13]/.test(message)) return 'COSMIC_EMBEDDER_KEY=the-right-key npx cosmic-embeddings doctor'
  if (kind === 'ollama') return /no answer/.test(message) ? 'ollama serve' : `ollama pull ${quoted(model)}`
  return 'npx cosmic-embeddings doctor --set embedder.url=http://the-right-place/v1'
}

/** Whether the signaling service lets us into a room. */
export const checkSignaling: Check = async ({ webrtc }, options) => {
  const { signaling } = webrtc
  if (signaling === undefined) return [skipped('webrtc.signaling names no service')]
  const start = performance.now()
  try {
    const room = await webSocketSignaling(signaling, { timeoutMs: options.timeoutMs }).join(
      `doctor-${crypto.randomUUID()}`,
      { onSignal: () => {} },
      { signal: options.signal },
    )
    await room.leave()
    return [ok(`${signaling} answered in ${Math.round(performance.now() - start)} ms`)]
  } catch (error) {
    options.signal.throwIfAborted()
    return [failed(`${signaling}: ${messageOf(error)}`, signalingFix(signaling))]
  }
}

/** On this machine a service can be begun; elsewhere another one can be named. */
function signalingFix(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url && /^(localhost|127\.|\[::1\])/.test(url.hostname)
    ? `npx cosmic-embeddings signal --port ${url.port || '80'}`
    : 'npx cosmic-embeddings doctor --set webrtc.signaling=wss://the-right-service'
}

/** Whether each configured peer answers and proves who it is. Asked under an identity of this moment. */
export const checkPeers: Check = async (config, options) => {
  if (config.peers.length === 0) return [skipped('the settings name none')]
  const transports =
    config.webrtc.signaling === undefined
      ? [webSocketTransport()]
      : await openTransports({
          ...config,
          websocket: { ...config.websocket, listen: false },
        })
  const client = new SyncClient({ signer: await Signer.generate(), network: config.network, transports })
  await client.start()
  try {
    return await Promise.all(config.peers.map(address => meet(client, address, options)))
  } finally {
    await client.close()
  }
}

async function meet(client: SyncClient, address: string, options: CheckOptions): Promise<Found> {
  try {
    const peer = await client.connect(address, { signal: within(options) })
    await client.disconnect(peer)
    return ok(`${address} is ${peer}`)
  } catch (error) {
    options.signal.throwIfAborted()
    const reason = isTimeout(error) ? `no answer in ${options.timeoutMs} ms` : messageOf(error)
    return failed(`${address}: ${reason}`, `npx cosmic-embeddings peers remove ${quoted(address)}`)
  }
}

const isTimeout = (error: unknown) =>
  (error instanceof CosmicError && error.code === 'aborted') || (error as Error | undefined)?.name === 'TimeoutError'

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
