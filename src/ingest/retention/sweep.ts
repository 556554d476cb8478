import type { Clock } from '../../base/index'
import type { Block } from '../../block/index'
import type { BlockStore, EraseReason, PageQuery } from '../../store/index'
import type { Ingest } from '../ingest'
import type { Expiries } from './expiries'
import type { Bounds, RetentionData } from './retention-policy'

/** The most blocks that one step looks at, or erases. */
export const STEP = 256
/** How much of its age the floor may lag behind, so that it does not rise with every tick of the clock. */
const FLOOR_STEPS = 100
/** What is left of the room for stubs after the floor has risen for want of it. */
const STUBS_LEFT = 0.9

export interface SweepParts {
  readonly store: BlockStore
  readonly ingest: Ingest
  readonly clock: Clock
  readonly policy: RetentionData
  readonly isPinned: (block: Block) => boolean
  readonly expiries: Expiries
  readonly onFloor: (floor: number) => void
}

/** Why retention removes blocks. */
type SweepReason = Exclude<EraseReason, 'withdrawn'>

/** What one step removed; nothing when it only looked. */
export interface Swept {
  readonly reason?: SweepReason
  readonly count: number
}

/**
 * Removes what is due, a bounded step at a time: what has expired, what is too old, then the oldest of what is too much, by
 * tag, by author, in all, and last the ids that are remembered of these.
 */
export async function* sweep(parts: SweepParts): AsyncGenerator<Swept> {
  yield* expire(parts)
  const { maxAge, perTag = {}, perAuthor } = parts.policy
  const now = parts.clock.now()
  yield* raiseFloor(parts, maxAge === undefined ? 0 : floorOf(now, maxAge))
  for (const [tag, { maxAge: age, maxBlocks }] of Object.entries(perTag)) {
    if (age !== undefined) yield* prune(parts, { tags: [tag], until: now - age }, Infinity, Infinity)
    if (maxBlocks !== undefined)
      yield* prune(
        parts,
        { tags: [tag] },
        (await parts.store.count({ tags: [tag], admittedOnly: false })) - maxBlocks,
        0,
      )
  }
  if (perAuthor) yield* pruneAuthors(parts, perAuthor)
  const { blocks, bytes } = await parts.store.stats()
  yield* prune(parts, {}, ...excess(parts.policy, blocks, bytes))
  yield* pruneStubs(parts)
}

/** When the next sweep has something to do by the clock alone. */
export function nextSweep({ policy: { maxAge, perTag = {} }, expiries, clock }: SweepParts): number {
  const ages = [maxAge, ...Object.values(perTag).map(({ maxAge }) => maxAge)].filter(age => age !== undefined)
  return Math.min(expiries.next, ...ages.map(age => clock.now() + stepOf(age)))
}

const stepOf = (age: number) => Math.max(1_000, Math.floor(age / FLOOR_STEPS))

function floorOf(now: number, maxAge: number): number {
  const step = stepOf(maxAge)
  return Math.max(0, Math.floor((now - maxAge) / step) * step)
}

async function* expire({ ingest, store, expiries, clock }: SweepParts): AsyncGenerator<Swept> {
  for (;;) {
    if (expiries.isBlind(clock.now())) for await (const _ of expiries.read(store)) yield { count: 0 }
    const ids = expiries.take(clock.now(), STEP)
    if (ids.length === 0) return
    yield { reason: 'expired', count: await ingest.erase(ids, 'expired') }
  }
}

/** What is pinned stays below the floor, for this node alone: nothing below it is synced. */
async function* raiseFloor(parts: SweepParts, floor: number): AsyncGenerator<Swept> {
  const { store, onFloor } = parts
  const before = (await store.stats()).floor
  const until = Math.max(before, floor)
  if (until === 0) return
  if (until > before) {
    await store.raiseFloor(until)
    onFloor(until)
  }
  // Also what an earlier run left.
  yield* walk(parts, { until }, Infinity, Infinity, 'below-floor')
  for (let count = STEP; count === STEP; yield { reason: 'below-floor', count }) {
    count = await store.dropBelow(until, STEP, 'stubs')
  }
}

async function* pruneAuthors(parts: SweepParts, bounds: Bounds): AsyncGenerator<Swept> {
  let after: string | undefined
  for (;;) {
    const page = await parts.store.terms('author', { limit: STEP, ...(after !== undefined && { after }) })
    for (const { term: author, blocks, bytes } of page)
      yield* prune(parts, { author }, ...excess(bounds, blocks, bytes))
    after = page.at(-1)?.term
    if (page.length < STEP) return
    yield { count: 0 }
  }
}

function excess(
  { maxBlocks = Infinity, maxBytes = Infinity }: Bounds,
  blocks: number,
  bytes: number,
): [number, number] {
  return [blocks - maxBlocks, bytes - maxBytes]
}

/** Removes the oldest of these until so many blocks and bytes are gone; their ids stay as stubs. */
function prune(parts: SweepParts, query: PageQuery, blocks: number, bytes: number): AsyncGenerator<Swept> {
  return walk(parts, query, blocks, bytes, 'pruned')
}

async function* walk(
  { store, ingest, isPinned }: SweepParts,
  query: PageQuery,
  blocks: number,
  bytes: number,
  reason: SweepReason,
): AsyncGenerator<Swept> {
  let cursor: string | undefined
  while (blocks > 0 || bytes > 0) {
    const page = await store.page({
      ...query,
      admittedOnly: false,
      limit: STEP,
      ...(cursor !== undefined && { cursor }),
    })
    const ids: string[] = []
    for (const { block } of page.items) {
      if (blocks <= 0 && bytes <= 0) break
      if (isPinned(block)) continue
      ids.push(block.id)
      blocks--
      bytes -= block.bytes.length
    }
    yield ids.length > 0 ? { reason, count: await ingest.erase(ids, reason) } : { count: 0 }
    cursor = page.cursor
    if (cursor === undefined) return
  }
}

/** The room for stubs is spent: the floor rises above the oldest of them. */
async function* pruneStubs(parts: SweepParts): AsyncGenerator<Swept> {
  const { store, policy } = parts
  const { pruned } = await store.stats()
  if (pruned <= policy.maxStubs) return
  const times: number[] = []
  let looked = 0
  for await (const { state, time } of store.log()) {
    if (state === 'pruned') times.push(time)
    if (++looked % (16 * STEP) === 0) yield { count: 0 }
  }
  times.sort((a, b) => a - b)
  const last = times[Math.max(0, times.length - Math.floor(policy.maxStubs * STUBS_LEFT)) - 1]
  if (last !== undefined) yield* raiseFloor(parts, last + 1)
}
