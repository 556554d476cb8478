import { clock, random, timers } from '#platform'
import type { Clock, CosmicError, Emitter } from '../base/index'
import { type DeferredQueue, Ingest, openDeferredQueue } from '../ingest/index'
import { openSearch, type SearchEngine } from '../search/index'
import { memoryStorage, openBlockStore, type BlockStore, type KeyValueStorage } from '../store/index'
import { CosmicValidator } from '../validate/index'
import type { ClientEvents } from './events'
import { farewell } from './farewell'
import { Intake } from './intake'
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
  readonly intake: Intake
  readonly engine: SearchEngine
  readonly book: TranslatorBook
  readonly verdicts: Verdicts
  readonly network: Network
  readonly clock: Clock
  close(): Promise<void>
}

/** Opens storage, index and network; what was opened is closed again when a later part fails. */
export async function run(options: SyncClientOptions, events: Emitter<ClientEvents>): Promise<Running> {
  const { storage = memoryStorage() } = options
  const onDamage = (error: CosmicError) => events.emit('error', { error })
  const store = isBlockStore(storage) ? storage : await openBlockStore(storage, { onDamage })
  try {
    const queue = isBlockStore(storage) ? undefined : await openDeferredQueue(storage, { onDamage })
    return await runOver(store, queue, options, events)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function runOver(
  store: BlockStore,
  queue: DeferredQueue | undefined,
  options: SyncClientOptions,
  events: Emitter<ClientEvents>,
): Promise<Running> {
  const { validator = new CosmicValidator() } = options
  const ports = { clock, timers, random, ...options.ports }
  const funnel = new Ingest({ validator, store, clock: ports.clock, ...(queue && { queue }) })
  const intake = new Intake(funnel, ports, error => events.emit('error', { error }))
  const engine = await openSearch(store, {
    pause: () => new Promise(resolve => ports.timers.set(resolve, 0)),
    clock: ports.clock,
    onError: error => events.emit('error', { error }),
    ...options.search,
  })
  const book = new TranslatorBook(store, options.signer.did)
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
    host: sessionHost(store, intake, (peer, id, verdict) => events.emit('refused', { peer, id, verdict })),
    session: { ...sessionIdentity, ...(options.timing && { timing: options.timing }) },
    ports,
    events: networkEvents(events),
  })
  await view.open()
  await network.start()
  intake.schedule()
  return {
    ...{ store, intake, engine, book, network, verdicts: new Verdicts(validator, ports.clock), clock: ports.clock },
    async close() {
      await farewell(events, () => network.statuses(), ports.timers)
      await network.close()
      intake.close()
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
