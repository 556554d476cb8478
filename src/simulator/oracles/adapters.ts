import { compare, toHex } from '../../base/index'
import type { Entry, KeyValueStorage, RangeOptions } from '../../store/index'
import type { SeededRandom } from '../seeded-random'
import { adapterOf } from '../look'
import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'

/** Places of a listing that are looked at, and how far from each other two bounds are at most. */
const PROBES = 6
const WIDTH = 30

/**
 * What the owner of a node puts between store and disk answers ranges, whatever their direction, limit and bounds, and reads of
 * single keys as its own listing of everything has it.
 */
export async function checkAdapter(world: World, node: SimulatedNode): Promise<void> {
  const adapter = adapterOf(node)
  if (!adapter) return
  const finding = await contradictionIn(adapter, node.random.fork('storage'))
  if (finding) world.violate('storage', finding, node)
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
  const [many, single] = [await storage.getMany(chosen), await Promise.all(chosen.map(key => storage.get(key)))]
  for (const [i, key] of chosen.entries()) {
    const expected = keys.get(toHex(key))
    for (const [call, value] of [
      ['get', single[i]],
      ['getMany', many[i]],
    ] as const)
      if (String(value) !== String(expected)) return `${call} of ${toHex(key)} answers otherwise than range()`
  }
  return undefined
}

/** At most so many: a storage that knows no limit is not read to its end. */
async function entriesOf(storage: KeyValueStorage, options?: RangeOptions, most = Infinity): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of storage.range(options)) if (entries.push(entry) >= most) break
  return entries
}

function areSame(some: readonly Entry[], others: readonly Entry[]): boolean {
  const isSame = ([key, value]: Entry, [otherKey, otherValue]: Entry) =>
    compare(key, otherKey) === 0 && compare(value, otherValue) === 0
  return some.length === others.length && some.every((entry, i) => isSame(entry, others[i]!))
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
