import { clock, random, timers } from '#platform'
import type { Emitter } from '../base/index'
import { Ingest } from '../ingest/index'
import { openSearch, type SearchEngine } from '../search/index'
import { memoryStorage, openBlockStore, type BlockStore, type KeyValueStorage } from '../store/index'
import { CosmicValidator } from '../validate/index'
import type { ClientEvents } from './events'
import { Network } from './network'
import { networkEvents } from './network-events'
import type { SyncClientOptions } from './options'
import { sessionHost, sessionIdentity } from './session-host'
import { SetView } from './set-view'
import { TranslatorBook } from './translator-book'
import { Verdicts } from './verdicts'

/** The parts of a started client, joined to one another and to its events. */
export interface Running {
  readonly store: BlockStore
  readonly ingest: Ingest
  readonly engine: SearchEngine
  readonly book: TranslatorBook
  readonly verdicts: Verdicts
  readonly network: Network
  close(): Promise<void>
}

/** Opens storage, index and network; what was opened is closed again when a later part fails. */
export async function run(options: SyncClientOptions, events: Emitter<ClientEvents>): Promise<Running> {
  const { storage = memoryStorage(), validator = new CosmicValidator() } = options
  const store = isBlockStore(storage) ? storage : await openBlockStore(storage)
  try {
    return await runOver(store, { ...options, validator }, events)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function runOver(
  store: BlockStore,
  options: SyncClientOptions & Required<Pick<SyncClientOptions, 'validator'>>,
  events: Emitter<ClientEvents>,
): Promise<Running> {
  const { validator } = options
  const ingest = new Ingest({ validator, store, clock: options.clock ?? clock })
  const engine = await openSearch(store)
  const book = new TranslatorBook(store)
  await book.open()
  store.onChange(({ added }) => {
    for (const { block, admitted } of added) if (admitted) events.emit('block', { block })
  })
  const view: SetView = new SetView(store, items => network.inserted(items))
  const network = new Network({
    signer: options.signer,
    transports: options.transports ?? [],
    network: options.network ?? 'cosmic',
    set: view.set,
    host: sessionHost(store, ingest, (peer, id, verdict) => events.emit('refused', { peer, id, verdict })),
    session: { ...sessionIdentity, ...(options.timing && { timing: options.timing }) },
    ports: { timers: options.timers ?? timers, random: options.random ?? random },
    events: networkEvents(events),
  })
  await view.open()
  await network.start()
  return {
    ...{ store, ingest, engine, book, network, verdicts: new Verdicts(validator) },
    async close() {
      await network.close()
      view.close()
      book.close()
      engine.close()
      await store.close()
    },
  }
}

function isBlockStore(storage: KeyValueStorage | BlockStore): storage is BlockStore {
  return 'query' in storage
}
