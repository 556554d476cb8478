import { httpTransport } from '../../../src/adapters/transport/http'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { createBlock, type Embedder } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { createHttpHandler, type HttpHandler, type HttpNode, type HttpOptions } from '../../../src/surfaces/http/index'
import { mcpEndpoint } from '../../../src/surfaces/mcp/index'
import { CosmicValidator } from '../../../src/validate/index'

export const MODEL = 'acme:letters'

/** Counts letters: near enough to meaning for what is tested here. */
const embedder: Embedder = {
  modelId: MODEL,
  dimensions: 26,
  maxBatch: 64,
  embed: async texts =>
    Promise.resolve(
      texts.map(text => {
        const counts = new Float32Array(26).fill(0.01)
        for (const letter of text.toLowerCase()) {
          const at = letter.charCodeAt(0) - 97
          if (at >= 0 && at < 26) counts[at]! += 1
        }
        return counts
      }),
    ),
}

export interface Scene {
  readonly node: HttpNode & { readonly signer: Signer }
  readonly handler: HttpHandler
  /** Asks the handler under loopback’s name. */
  ask(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

export async function openScene(options: HttpOptions = {}, storage = memoryStorage()): Promise<Scene> {
  const signer = await Signer.generate()
  const validator = new CosmicValidator()
  const store = await openBlockStore(storage)
  const http = httpTransport({ listen: { origins: '*' } })
  const transports = [webSocketTransport({ listen: { port: 0 } }), http]
  const client = new SyncClient({ signer, validator, embedder, storage: store, transports })
  await client.start()
  const node = { client, store, signer, validator, embedder }
  const handler = createHttpHandler(node, { mcp: mcpEndpoint(node), sync: request => http.fetch(request), ...options })
  const ask = (path: string, init?: RequestInit) => handler.fetch(new Request(`http://127.0.0.1${path}`, init))
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const close = async () => {
    handler.close()
    await client.close()
  }
  return { node, handler, ask, post, close }
}

/** A block by somebody else. */
export async function foreignBlock(content = 'ice melts') {
  const [embedding] = await embedder.embed([content], { kind: 'document' } as never)
  return createBlock({ embedding: embedding!, model: MODEL, input: { type: 'text', content } }, await Signer.generate())
}
