import { clock, random, timers, timeSlices } from '#platform'
import { loadOnce, type Clock, type CosmicError, type Emitter } from '../base/index'
import type { Block, OpenedBlock, VerifiedBlock } from '../block/index'
import { type BlockValidator, type DeferredQueue, Ingest, openDeferredQueue, type Retention } from '../ingest/index'
import type { VectorSearch } from '../search/index'
import { memoryStorage, openBlockStore, type BlockStore, type KeyValueStorage } from '../store/index'
import { CosmicValidator } from '../validate/index'
import { Currency } from './currency'
import type { ClientEvents } from './events'
import type { Hybrid } from './hybrid'
import type { WordSurvey } from './keyword-book'
import { IdentityBook } from './identity-book'
import { Intake } from './intake'
import { loadNetwork } from './load-network'
import { ownStorage } from './own-storage'
import { retaining } from './retaining'
import type { Carriage } from './carriage'
import type { OpenNetwork } from './open-network'
import type { SyncClientOptions, Validator } from './options'
import { storeEvidence } from './store-evidence'
import { TranslatorBook } from './translator-book'
import { Verdicts } from './verdicts'

/** The parts of a started client, joined to one another and to its events. */
export interface Running {
  readonly store: BlockStore
  readonly intake: Intake
  readonly engine: VectorSearch
  readonly book: TranslatorBook
  readonly identities: IdentityBook
  readonly verdicts: Verdicts
  readonly currency: Currency
  readonly clock: Clock
  /** `undefined` without transports. */
  readonly network: OpenNetwork | undefined
  readonly carriage: Carriage | undefined
  readonly retention: Retention
  /** What ranks by words too, made when first asked for. Rejects with `missing-field` and `missing-peer`. */
  hybrid(): Promise<Hybrid>
  /** What the words take; `undefined` before the first hybrid search. */
  words(): WordSurvey | undefined
  close(): Promise<void>
}

/** Opens storage, index and network; what was opened is closed again when a later part fails, or waits for others when `stop` fires. */
export function run(options: SyncClientOptions, events: Emitter<ClientEvents>, stop: AbortSignal): Promise<Running> {
  const { storage = memoryStorage() } = options
  return ownStorage(storage, () => open(storage, options, events, stop))
}

async function open(
  storage: KeyValueStorage | BlockStore,
  options: SyncClientOptions,
  events: Emitter<ClientEvents>,
  stop: AbortSignal,
): Promise<Running> {
  const onDamage = (error: CosmicError) => events.emit('error', { error })
  const store = isBlockStore(storage) ? storage : await openOver(storage, options, onDamage)
  const opened: Opened[] = [store]
  try {
    const queue = await openDeferredQueue(store.side, { onDamage })
    return await runOver(store, queue, options, events, opened, stop)
  } catch (error) {
    for (const part of opened.reverse()) await part.close()
    throw error
  }
}

/** A storage that no store opens over is closed, as it would have been with the client. */
async function openOver(
  storage: KeyValueStorage,
  { ports: { random } = {} }: SyncClientOptions,
  onDamage: (error: CosmicError) => void,
): Promise<BlockStore> {
  try {
    return await openBlockStore(storage, { onDamage, ...(random && { random }) })
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** A part that has to be closed if a later one does not open. */
type Opened = Pick<BlockStore | VectorSearch | OpenNetwork, 'close'>

async function runOver(
  store: BlockStore,
  queue: DeferredQueue,
  options: SyncClientOptions,
  events: Emitter<ClientEvents>,
  opened: Opened[],
  stop: AbortSignal,
): Promise<Running> {
  const given: Validator = options.validator ?? new CosmicValidator()
  const validator = given.withEvidence?.(storeEvidence(store)) ?? given
  const ports = { clock, timers, random, ...options.ports }
  const onError = (error: unknown) => events.emit('error', { error })
  // Opened first, so that it knows of a change before all who ask it.
  const identities = new IdentityBook(store, { onError })
  const verdicts = new Verdicts(validator, ports.clock, identities)
  identities.onChange(() => verdicts.forget())
  await identities.open()
  const judge = judgeOf(validator, identities)
  const funnel = new Ingest({ validator: judge, store, clock: ports.clock, queue })
  const intake = new Intake(funnel, ports, onError, options.ports?.timers ? undefined : timeSlices())
  const pause = () => new Promise<void>(resolve => ports.timers.set(resolve, 0))
  const { openEngine, wordsOf } = await loadEngines()
  const engine = await openEngine(store, options, { ...ports, pause, onError })
  opened.push(engine)
  const book = new TranslatorBook(store, options.signer.did, identities)
  await book.open()
  const currency = new Currency(store)
  const words = wordsOf(store, options, { pause, onError })
  announce(store, identities, events)
  const { KinRetractions, regradingOf } = await loadRegrading()
  const kin = new KinRetractions({ store, ingest: funnel, book: identities, ...options.retention, onError })
  const regrading = await regradingOf(validator, identities, {
    ...{ ingest: funnel, store, timers: ports.timers, onError },
    onRegrade: ids => verdicts.forget(ids),
  })
  const retention = await retaining(options, {
    ...{ store, ingest: funnel, events, ports },
    onFloor: floor => network?.raised(floor),
  })
  const carriages: Carriage[] = []
  const isLost = () => carriages.some(each => each.isLost())
  const network: OpenNetwork | undefined = await openNetworkOf(store, intake, options, events, ports, stop, isLost)
  if (network) opened.push(network)
  const carriage = await openCarriage(carriages, store, intake, options, events, stop, network?.stands)
  intake.schedule()
  for (const part of [retention, regrading, kin]) part?.open()
  return {
    ...{ store, intake, engine, book, network, carriage, identities, verdicts, currency, retention, ...words },
    clock: ports.clock,
    async close() {
      await carriage?.close()
      await network?.close()
      await retention.close()
      intake.close()
      await Promise.all([regrading?.close(), kin.close()])
      for (const part of [book, currency, identities]) part.close()
      await Promise.resolve(engine.close()).catch(onError)
      await store.close()
    },
  }
}

async function openNetworkOf(
  ...parts: Parameters<Awaited<ReturnType<typeof loadNetwork>>['openNetwork']>
): Promise<OpenNetwork | undefined> {
  return parts[2].transports?.length ? (await loadNetwork()).openNetwork(...parts) : undefined
}

/** Adds it to `carriages`, too. */
async function openCarriage(
  carriages: Carriage[],
  ...parts: Parameters<(typeof import('./carriage'))['openCarriers']>
): Promise<Carriage | undefined> {
  if (!parts[2].carriers?.length) return undefined
  const carriage = await (await import('./carriage')).openCarriers(...parts)
  carriages.push(carriage)
  return carriage
}

/** Tells of every change of the store, as the client shows it. */
function announce(store: BlockStore, identities: IdentityBook, events: Emitter<ClientEvents>): void {
  store.onChange(({ added, judged, erased }) => {
    for (const { block, admitted } of [...added, ...judged])
      if (admitted && !identities.hides(block)) events.emit('block', { block })
    for (const { block, admitted, code = 'policy' } of judged) if (!admitted) events.emit('withdrawn', { block, code })
    for (const block of erased) events.emit('erased', { block })
  })
}

/** Judges blocks by what the client knows of their authors. */
function judgeOf(validator: Validator, { identities }: IdentityBook): BlockValidator {
  return {
    validate: (input: Uint8Array | Block) => validator.validate(input, { identities }),
    ...(validator.validateOpened && {
      validateOpened: (opened: readonly OpenedBlock[]) => validator.validateOpened!(opened, { identities }),
    }),
    regrade(block: VerifiedBlock, { stored }: { readonly stored: boolean }) {
      const context = { identities, stored }
      return validator.regrade ? validator.regrade(block, context) : validator.validate(block, context)
    },
  }
}

/** Not needed before blocks can be stored. Loaded once: in a simulation no module may come in between events. */
const loadEngines = /* @__PURE__ */ loadOnce(() => import('./engines'))
const loadRegrading = /* @__PURE__ */ loadOnce(() => import('./regrading'))

function isBlockStore(storage: KeyValueStorage | BlockStore): storage is BlockStore {
  return 'query' in storage
}
