import { utf8 } from '../base/index'
import type { StoreChange, StoreProgress, WaitOptions } from './block-store'
import { Draft } from './draft'
import { placedOf } from './holdings'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey, REPAIRING, type Space, spaceRange, stateKey } from './layout'
import { PostingsWriter } from './postings-writer'
import { Aftermath } from './repair-aftermath'
import { lastPlace, type ScannedRun, scanPlaces } from './scan-places'
import { decodeStateOr, emptyState, type StoreState } from './store-state'
import { encodeStub } from './stub-record'

/** Places rewritten in one batch: four runs of the log. */
const BATCH_RUNS = 4
const WIPE_BATCH = 1_000

export interface RepairParts {
  readonly storage: KeyValueStorage
  readonly epoch: Uint8Array
  /** Told of blocks that came to light, that are withdrawn, and that are lost. */
  readonly onChange?: (change: StoreChange) => void
}

/**
 * Makes dictionary, postings, ids, counts and log anew from the records, under a new epoch. A block has one place from then on,
 * retractions that are held are honoured, and what is damaged is set aside as `lost`, with its id where that is still told.
 * Blocks can be read by id meanwhile; lists are whole at the end. A repair that was cut short is begun again when the store is
 * opened. The caller lets no other writer in between.
 */
export async function* repairStore(parts: RepairParts, { signal }: WaitOptions = {}): AsyncGenerator<StoreProgress> {
  const { storage, epoch } = parts
  const total = await lastPlace(storage)
  const { floor } = decodeStateOr(await storage.get(stateKey()), epoch)
  let state: StoreState = { ...emptyState(epoch), floor }
  await storage.batch([{ type: 'put', key: formatKey(), value: utf8(REPAIRING) }])
  for (const space of ['dictionary', 'postings'] as const) await wipe(storage, space)
  const postings = new PostingsWriter(storage)
  const aftermath = new Aftermath({ ...parts, postings })
  let waiting: ScannedRun[] = []
  for await (const run of scanPlaces(storage, signal)) {
    const foreign = run.foreign.map((key): BatchOperation => ({ type: 'delete', key }))
    if (foreign.length > 0) await storage.batch(foreign)
    aftermath.note(run)
    waiting.push(run)
    const done = run.places.at(-1)?.seq ?? total
    for (const field of fieldsOf(run)) {
      yield { stage: 'records', done, total, finding: { field, hint: 'made anew, or set aside' } }
    }
    if (waiting.length < BATCH_RUNS) continue
    state = await rewrite(storage, postings, state, waiting)
    waiting = []
    yield { stage: 'records', done: state.seq, total }
  }
  state = await rewrite(storage, postings, state, waiting)
  yield* aftermath.settle(state, total)
  await storage.batch([{ type: 'put', key: formatKey(), value: utf8(FORMAT) }])
  yield { stage: 'records', done: total, total }
}

/** What is to be told of a run. */
export const fieldsOf = ({ places, findings }: ScannedRun): string[] => [
  ...findings,
  ...places.flatMap(place => place.findings),
]

async function wipe(storage: KeyValueStorage, space: Space): Promise<void> {
  for (;;) {
    const operations: BatchOperation[] = []
    for await (const [key] of storage.range({ ...spaceRange(space), limit: WIPE_BATCH })) {
      operations.push({ type: 'delete', key })
    }
    if (operations.length > 0) await storage.batch(operations)
    if (operations.length < WIPE_BATCH) return
  }
}

async function rewrite(
  storage: KeyValueStorage,
  postings: PostingsWriter,
  state: StoreState,
  runs: readonly ScannedRun[],
): Promise<StoreState> {
  const draft = new Draft(storage, { ...state })
  const places = runs.flatMap(run => run.places)
  const held = places.flatMap(({ seq, stored, arrival }) => (stored ? [placedOf(stored, arrival.digest, seq)] : []))
  await draft.load(held.flatMap(({ terms }) => terms))
  for (const { seq, arrival, entry, stored, stub } of places) {
    const { digest, time, expires } = arrival
    draft.log(arrival)
    if (stub) draft.stub(seq, time, digest, encodeStub({ ...stub, expires }, digest))
    // A place whose block was erased and came again later is not the one that its id leads to. What waits is told afterwards.
    if (entry || arrival.state !== 'erased')
      draft.id(digest, { seq, state: arrival.state, admitted: stored?.admitted ?? false, waiting: false })
  }
  for (const placed of held) draft.index(placed)
  const { operations, done } = await draft.finish(postings)
  await storage.batch(operations)
  done()
  return draft.state
}
