import type { HttpTransport } from '../adapters/transport/http'
import { anything, flag, record } from '../base/index'
import type { Embedder } from '../block/index'
import { SyncClient, type SyncClientOptions } from '../client/index'
import type { RetentionPolicy } from '../ingest/index'
import type { Signer } from '../signer/index'
import { openBlockStore, type BlockStore, type KeyValueStorage } from '../store/index'
import { CosmicValidator, POLICIES, type Policy } from '../validate/index'
import type { Config, ConfigInput } from './config-schema'
import { readInstrumentation, type Instrumentation } from './instrumentation'
import { loadEmbedder } from './load-embedder'
import { logEvents } from './log/log-events'
import { readLogger, type Logger } from './log/logger'
import { loadIdentity, openHttpTransport, openStorage, openTransports } from './open-parts'
import { checkConfig } from './resolve-config'

/** A client that has started, with what it was made of. */
export interface CosmicNode extends AsyncDisposable {
  readonly client: SyncClient
  readonly signer: Signer
  /** For reading; the client alone writes it, and closes it. */
  readonly store: BlockStore
  readonly validator: CosmicValidator
  readonly config: Config
  /** Absent where none is configured or installed. */
  readonly embedder?: Embedder
  /** Where the configuration lets peers connect over HTTP: to be served under `/sync` (`HttpOptions.sync`). */
  readonly sync?: HttpTransport['fetch']
  /** Closes the client with its storage and transports. */
  close(): Promise<void>
}

/** As the conventions of OpenTelemetry name databases. */
const SYSTEMS = { lmdb: 'lmdb', memory: 'memory', postgres: 'postgresql' } as const

export interface NodeOptions {
  /** Whether to listen and to know transports at all (default true); without it the node works alone. */
  readonly network?: boolean
  /** Whether to load the embedder (default true). */
  readonly embedder?: boolean
  /** How the client searches, such as `{ keywords: miniSearch }` for words beside meaning (default: as `SyncClient` does). */
  readonly search?: SyncClientOptions['search']
  /** Is told what the client tells (default: nobody). */
  readonly logger?: Logger
  /** Measures the parts (default: nothing is measured). */
  readonly instrumentation?: Instrumentation
}

const readOptions = record<NodeOptions>({
  network: flag,
  embedder: flag,
  search: anything,
  logger: readLogger,
  instrumentation: readInstrumentation,
})

/**
 * A node of what a configuration says, started; its `peers` are for the caller to connect to. Relative paths start at the working
 * directory. Rejects with `no-identity` when no key was made yet, as `resolveConfig` does for what cannot be, and as storage,
 * transports and embedder do.
 *
 * @example
 * ```ts
 * import { createNode } from 'cosmic-embeddings/setup'
 *
 * await using node = await createNode({ folder: './agent', websocket: { listen: true, port: 7070 } })
 * console.log(node.client.id)
 * ```
 */
export async function createNode(input: ConfigInput = {}, options: NodeOptions = {}): Promise<CosmicNode> {
  const config = checkConfig(input, { base: process.cwd() })
  const { policy, retention, network } = config
  const { logger, instrumentation: measure = {}, ...wanted } = readOptions(options, '')
  const bare = new CosmicValidator(typeof policy === 'string' ? POLICIES[policy] : (policy as Policy))
  const validator = measure.validator?.(bare) ?? bare
  const signer = await loadIdentity(config)
  const loaded = wanted.embedder === false ? undefined : await loadEmbedder(config)
  const embedder = loaded && (measure.embedder?.(loaded) ?? loaded)
  const http = wanted.network === false ? undefined : await openHttpTransport(config)
  const transports = http ? [...(await openTransports(config)), http] : []
  const storage = await openStorage(config)
  const opened = 'put' in storage ? storage : await openedOn(storage, logger)
  const store = measure.store?.(opened, SYSTEMS[config.storage.kind]) ?? opened
  const plain = new SyncClient({
    signer,
    validator,
    network,
    transports,
    storage: store,
    ...(wanted.search && { search: wanted.search }),
    ...(embedder && { embedder }),
    ...(retention && { retention: retention as RetentionPolicy }),
  })
  const client = measure.client?.(plain) ?? plain
  const stopLog = logger && logEvents(client, logger)
  const stopLost = logger && logLost(opened, logger)
  const close = async () => {
    await client.close()
    stopLog?.()
    stopLost?.()
    measure.close?.()
  }
  try {
    await client.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    client,
    signer,
    store,
    validator,
    config,
    ...(embedder && { embedder }),
    ...(http?.listen && { sync: (request: Request) => http.fetch(request) }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A storage that holds something else is left as it was: closed. */
async function openedOn(storage: KeyValueStorage, logger: Logger | undefined): Promise<BlockStore> {
  try {
    return await openBlockStore(storage, {
      onDamage: error => logger?.error({ error }, 'the store is damaged'),
    })
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** What was damaged beyond mending, and is out of the reconciled set: peers and backups may have it. */
function logLost(store: BlockStore, logger: Logger): () => void {
  return store.onChange(({ lost = [] }) => {
    if (lost.length > 0)
      logger.error({ count: lost.length, ids: lost.slice(0, 10).map(({ id }) => id) }, 'blocks are lost')
  })
}
