import { utf8 } from '../base/index'
import type { StoreProgress, WaitOptions } from './block-store'
import { Draft } from './draft'
import { placedOf } from './holdings'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey, REPAIRING, type Space, spaceRange, stateKey } from './layout'
import { PostingsWriter } from './postings-writer'
import { lastPlace, type PlaceFound, scanPlaces } from './scan-places'
import { decodeStateOr, emptyState, encodeState, type StoreState } from './store-state'
import { encodeStub } from './stub-record'

/** Places rewritten in one batch: four runs of the log. */
const BATCH_RUNS = 4
const WIPE_BATCH = 1_000

/**
 * Makes dictionary, postings, ids, counts and log anew from the records, under a new epoch. What it finds damaged is set
 * aside as `lost`, with its id where that is still told. Blocks can be read by id meanwhile; lists are whole at the end.
 * A repair that was cut short is begun again when the store is opened. The caller lets no other writer in between.
 */
export async function* repairStore(
  storage: KeyValueStorage,
  epoch: Uint8Array,
  { signal }: WaitOptions = {},
): AsyncGenerator<StoreProgress> {
  const before = decodeStateOr(await storage.get(stateKey()), epoch)
  await storage.batch([
    { type: 'put', key: formatKey(), value: utf8(REPAIRING) },
    { type: 'put', key: stateKey(), value: encodeState({ ...emptyState(epoch), floor: before.floor }) },
  ])
  const total = await lastPlace(storage)
  for (const space of ['dictionary', 'postings'] as const) await wipe(storage, space)
  const postings = new PostingsWriter(storage)
  let state: StoreState = { ...emptyState(epoch), floor: before.floor }
  let waiting: PlaceFound[] = []
  let runs = 0
  const damaged: BatchOperation[] = []
  for await (const places of scanPlaces(storage, key => damaged.push({ type: 'delete', key }), signal)) {
    if (damaged.length > 0) await storage.batch(damaged.splice(0))

    waiting.push(...places)
    for (const field of places.flatMap(({ findings }) => findings)) {
      yield { stage: 'records', done: places[0]!.seq, total, finding: { field, hint: 'made anew, or set aside' } }
    }
    if (++runs % BATCH_RUNS !== 0) continue
    state = await rewrite(storage, postings, state, waiting)
    waiting = []
    yield { stage: 'records', done: state.seq, total }
  }
  await rewrite(storage, postings, state, waiting)
  await storage.batch([{ type: 'put', key: formatKey(), value: utf8(FORMAT) }])
  yield { stage: 'records', done: total, total }
}

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
  places: readonly PlaceFound[],
): Promise<StoreState> {
  const draft = new Draft(storage, { ...state })
  const held = places.flatMap(({ seq, stored, arrival }) => (stored ? [placedOf(stored, arrival.digest, seq)] : []))
  await draft.load(held.flatMap(({ terms }) => terms))
  for (const { seq, arrival, entry, stored, stub } of places) {
    const { digest, time } = arrival
    draft.log(arrival)
    if (stub) draft.stub(seq, time, digest, encodeStub(stub, digest))
    const waiting = stored !== undefined && (entry?.waiting ?? false)
    if (waiting) draft.wait(stored.block.author, 1)
    // A place whose block was erased and came again later is not the one that its id leads to.
    if (entry || arrival.state !== 'erased')
      draft.id(digest, { seq, state: arrival.state, admitted: stored?.admitted ?? false, waiting })
  }
  for (const placed of held) draft.index(placed)
  const { operations, done } = await draft.finish(postings)
  await storage.batch(operations)
  done()
  return draft.state
}
