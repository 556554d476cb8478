import { compare, CosmicError, toHex } from '../../base/index'
import type { BatchOperation, Entry, KeyValueStorage, RangeOptions } from '../../store/index'
import type { SeededRandom } from '../seeded-random'
import { adapterOf } from '../look'
import type { SimulatedNode } from '../simulated-node'
import type { WatchedStorage } from '../watched-storage'
import type { World } from '../world'

/** Places of a listing that are looked at, and how far from each other two bounds are at most. */
const PROBES = 6
const WIDTH = 30

/** Keys that were written, and that were deleted, whose reads are looked at while an adapter runs. */
const REMEMBERED = 40

/** How long a batch takes that is under way when a storage is closed, and how long a running one is waited for. */
const WRITE_MS = 1_000
const LOOK_MS = 1_000

/** Looks at an adapter that is written to meanwhile. */
const LOOKS = 5

/**
 * What the owner of a node puts between store and disk answers ranges, whatever their direction, limit and bounds, and reads of
 * single keys as its own listing of everything has it, and its end is that of what it was asked.
 */
export async function checkAdapter(world: World, node: SimulatedNode): Promise<void> {
  const adapter = adapterOf(node)
  if (!adapter) return
  const finding = (await contradictionIn(adapter, node.random.fork('storage'))) ?? (await misclosed(world, node))
  if (finding) world.violate('storage', finding, node)
}

/** The same of the adapter that runs, which moreover holds what it was given. */
export async function checkRunningAdapter(world: World, node: SimulatedNode): Promise<void> {
  const { watched } = node
  if (!watched || !node.life?.started) return
  for (let look = 0; look < LOOKS; look++) {
    if (!watched.isQuietSince(watched.writes)) await world.scheduler.sleep(LOOK_MS)
    const { writes } = watched
    const random = node.random.fork('running storage')
    const finding = (await contradictionIn(watched, random)) ?? (await forgotten(watched, random))
    if (!watched.isQuietSince(writes)) continue
    if (finding) world.violate('storage', `while it runs, ${finding}`, node)
    return
  }
}

/** Where a storage answers otherwise than its batches said, if anywhere. */
async function forgotten(storage: WatchedStorage, random: SeededRandom): Promise<string | undefined> {
  const written = storage.written()
  const listed = new Map((await entriesOf(storage)).map(([key, value]) => [toHex(key), value]))
  for (const { key, value } of written)
    if (!isSame(listed.get(toHex(key)), value)) return `range() has not what was last written under ${toHex(key)}`
  const [deleted, put] = [written.filter(({ value }) => !value), written.filter(({ value }) => value)]
  const chosen = [deleted, put].flatMap(each => random.shuffle(each).slice(0, REMEMBERED))
  return misreadOf(
    storage,
    chosen.map(({ key, value }) => [key, value]),
  )
}

/** Where the end of a storage is not that of its calls, if anywhere: looked at over a copy of the disk that takes its time. */
async function misclosed(world: World, node: SimulatedNode): Promise<string | undefined> {
  const { scheduler } = world
  const storage = adapterOf(node, { scheduler, write: [WRITE_MS, WRITE_MS] })!
  const put: BatchOperation = { type: 'put', key: Uint8Array.of(0xff, 0xff), value: Uint8Array.of(1) }
  const writing = storage.batch([put]).then(
    () => scheduler.now,
    () => undefined,
  )
  await storage.close()
  const closed = scheduler.now
  const written = await writing
  if (written === undefined) return 'close() ends a batch that is under way'
  if (written > closed) return 'close() is answered before a batch that is under way'
  const refusal = await storage.batch([put]).then(
    () => 'takes it',
    (error: unknown) => (error instanceof CosmicError && error.code === 'closed' ? undefined : `says ${String(error)}`),
  )
  return refusal && `a closed storage that is given a batch ${refusal}, and does not refuse it as closed`
}

/** Where a storage answers otherwise than its listing of everything, if anywhere. */
async function contradictionIn(storage: KeyValueStorage, random: SeededRandom): Promise<string | undefined> {
  const all = await entriesOf(storage)
  const wrong = all.findIndex(([key], i) => i > 0 && compare(all[i - 1]![0], key) >= 0)
  if (wrong >= 0) return `range() is out of order at ${toHex(all[wrong]![0])}`
  if (all.length === 0) return undefined
  for (const options of rangesOver(all, random)) {
    const expected = rangeOf(all, options)
    const answer = await entriesOf(storage, options, expected.length + 1)
    if (!areSame(answer, expected))
      return `range(${told(options)}) answers ${keysOf(answer)} where range() has ${keysOf(expected)}`
  }
  return misread(storage, all, random)
}

function* rangesOver(all: readonly Entry[], random: SeededRandom): Generator<RangeOptions> {
  yield { reverse: true }
  for (let probe = 0; probe < PROBES; probe++) {
    const from = random.below(all.length)
    const to = Math.min(all.length - 1, from + 1 + random.below(WIDTH))
    const [gte, lt] = [all[from]![0], all[to]![0]]
    const limit = 1 + random.below(4)
    const bounds = [
      { gte, lt },
      { gte: justBehind(gte), lt: justBehind(lt) },
    ]
    for (const reverse of [false, true]) {
      for (const both of bounds)
        yield* [
          { ...both, reverse },
          { ...both, reverse, limit },
        ]
      yield* [
        { gte, reverse, limit },
        { lt, reverse, limit },
        { reverse, limit },
      ]
    }
  }
}

/** The first key behind this one. */
const justBehind = (key: Uint8Array) => Uint8Array.of(...key, 0)

function rangeOf(all: readonly Entry[], { gte, lt, reverse, limit }: RangeOptions): readonly Entry[] {
  const within = all.filter(([key]) => (!gte || compare(key, gte) >= 0) && (!lt || compare(key, lt) < 0))
  return (reverse ? within.reverse() : within).slice(0, limit)
}

async function misread(storage: KeyValueStorage, all: readonly Entry[], random: SeededRandom) {
  const keys = new Map(all.map(([key, value]) => [toHex(key), value]))
  const chosen = random
    .shuffle([...all])
    .slice(0, PROBES)
    .flatMap(([key]) => [key, justBehind(key)])
  return misreadOf(
    storage,
    chosen.map(key => [key, keys.get(toHex(key))]),
  )
}

/** Where single reads, and those of many keys, some of them twice, answer otherwise than expected. */
async function misreadOf(storage: KeyValueStorage, expected: readonly Expected[]): Promise<string | undefined> {
  const twice = [...expected, ...expected.slice(0, 2)]
  const keys = twice.map(([key]) => key)
  const [many, single] = [await storage.getMany(keys), await Promise.all(keys.map(key => storage.get(key)))]
  if (many.length !== keys.length) return `getMany of ${keys.length} keys answers ${many.length} values`
  for (const [i, [key, value]] of twice.entries()) {
    if (!isSame(single[i], value)) return `get of ${toHex(key)} answers otherwise than range()`
    if (!isSame(many[i], value)) return `getMany answers otherwise than range() under ${toHex(key)}`
  }
  return undefined
}

type Expected = readonly [key: Uint8Array, value: Uint8Array | undefined]

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined) =>
  a === undefined || b === undefined ? a === b : compare(a, b) === 0

/** At most so many: a storage that knows no limit is not read to its end, and none is read in circles. */
async function entriesOf(storage: KeyValueStorage, options?: RangeOptions, most = Infinity): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of storage.range(options)) if (entries.push(entry) >= most) break
  return entries
}

function areSame(some: readonly Entry[], others: readonly Entry[]): boolean {
  const isEqual = ([key, value]: Entry, [otherKey, otherValue]: Entry) =>
    compare(key, otherKey) === 0 && compare(value, otherValue) === 0
  return some.length === others.length && some.every((entry, i) => isEqual(entry, others[i]!))
}

const told = ({ gte, lt, reverse, limit }: RangeOptions) =>
  [
    gte && `gte: ${toHex(gte)}`,
    lt && `lt: ${toHex(lt)}`,
    reverse && 'reverse',
    limit !== undefined && `limit: ${limit}`,
  ]
    .filter(Boolean)
    .join(', ')

const keysOf = (entries: readonly Entry[]) =>
  `${entries.length} entries${entries.length > 0 ? ` from ${toHex(entries[0]![0])}` : ''}`
