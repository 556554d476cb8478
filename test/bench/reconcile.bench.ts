import { randomFillSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { nip77 } from 'nostr-tools'
import type { CodedSet, SetItem } from '../../src/sync/index'
import type { Benchmark, BenchResult } from './benchmark'
import { Audits, type AuditCost } from './reconcile-audit'
import type * as Parts from './reconcile-parts'

const ITEMS = 1_000_000

const about = `Two sets of ${ITEMS.toLocaleString('en-US')} items, compared by two production sessions without stores: bytes of all messages that compare
(\`span\`, \`sketch\`, \`more\`, \`cells\`, \`reconcile\`), processor time of both sides. "recent" differences are the last items, "scattered" ones lie
anywhere, half of them on either side. The peer is the Negentropy of nostr-tools, a port of its JavaScript reference, over times in seconds; it
is a client only, so that here two clients compare, and the last list is read by the wrong side. Memory is what the heap and its buffers grow by.`

const BUNDLE = fileURLToPath(new URL('../../.cache/bench/reconcile-parts.mjs', import.meta.url))

async function bundled(): Promise<typeof Parts> {
  const entry = fileURLToPath(new URL('reconcile-parts.ts', import.meta.url))
  await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    outfile: BUNDLE,
  })
  return (await import(BUNDLE)) as typeof Parts
}

const say = (line: string) => process.stderr.write(`» ${line}\n`)
const significant = (value: number) => Number(value.toPrecision(3))

/** Items of ascending times, a second apart, with random ids. */
function drawItems(): SetItem[] {
  const bytes = randomFillSync(new Uint8Array(32 * ITEMS))
  return Array.from({ length: ITEMS }, (_, n) => ({
    time: 1_600_000_000_000 + 1000 * n,
    id: bytes.subarray(32 * n, 32 * (n + 1)),
  }))
}

function shuffled<T>(values: readonly T[]): T[] {
  const order = [...values]
  const draws = randomFillSync(new Uint32Array(order.length))
  for (let i = order.length - 1; i > 0; i--) {
    const at = draws[i]! % (i + 1)
    ;[order[i], order[at]] = [order[at]!, order[i]!]
  }
  return order
}

function megabytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Buffers go one collection after what held them.
  for (let times = 0; times < 4; times++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

/** Of a figure of which less is better. */
function against(name: string, value: number, unit: string, most: number): BenchResult {
  const figure = significant(value)
  return { case: name, value: figure, unit, ratios: { [`the budget of ${most}`]: significant(most / value) } }
}

interface Budget {
  readonly insert: number
  readonly memory: number
}

function measureTree(parts: typeof Parts, name: string, items: readonly SetItem[], budget: Budget): BenchResult[] {
  const before = megabytes()
  const tree = new parts.ItemTree()
  const inserted = microseconds(items.length, n => tree.insert(items[n]!))
  const memory = megabytes() - before
  const bounds = microseconds(100_000, n => tree.lowerBound(items[(n * 7919) % ITEMS]!))
  const fingerprints = microseconds(20_000, n => tree.fingerprint((n * 31) % ITEMS, ITEMS - ((n * 17) % 1000)))
  const deleted = microseconds(ITEMS / 2, n => tree.delete(items[n]!))
  const coded: CodedSet = new parts.CodedSet()
  const withCells = microseconds(items.length, n => coded.insert(items[n]!))
  const plain = (what: string, value: number, unit = 'µs'): BenchResult => ({
    case: `${what}, ${name}`,
    value: significant(value),
    unit,
    ratios: {},
  })
  return [
    against(`insert, ${name}`, inserted, 'µs', budget.insert),
    plain('insert with coded cells', withCells),
    plain('delete', deleted),
    plain('index of an item', bounds),
    plain('fingerprint of a range', fingerprints),
    against(`memory, ${name}`, memory, 'MB', budget.memory),
  ]
}

function microseconds(count: number, work: (n: number) => unknown): number {
  const before = process.cpuUsage()
  for (let n = 0; n < count; n++) work(n)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

type Where = 'scattered' | 'recent'

/** Takes items out of one set or the other, carries on, and puts them back. */
function apart<T>(
  sets: readonly [CodedSet, CodedSet],
  items: readonly SetItem[],
  [count, where]: [number, Where],
  work: () => T,
): T {
  const step = Math.floor(ITEMS / (count + 1))
  const single = Array.from(
    { length: count },
    (_, n) => items[where === 'recent' ? ITEMS - 1 - n : (n + 1) * step - (n % 97)]!,
  )
  single.forEach((item, n) => sets[n % 2]!.delete(item))
  const result = work()
  single.forEach((item, n) => sets[n % 2]!.insert(item))
  return result
}

function median(costs: readonly AuditCost[]): AuditCost {
  const of = (pick: (cost: AuditCost) => number) => costs.map(pick).sort((a, b) => a - b)[costs.length >>> 1]!
  return { bytes: of(({ bytes }) => bytes), rounds: of(({ rounds }) => rounds), ms: of(({ ms }) => ms) }
}

/** Processor time of both sides of the peer, for one item that only the second side has. */
function measurePeer(items: readonly SetItem[]): number {
  const sides = [0, 1].map(side => {
    const storage = new nip77.NegentropyStorageVector()
    items.forEach(({ time, id }, n) => {
      if (side === 1 || n !== ITEMS / 2) storage.insert(Number(time) / 1000, Buffer.from(id).toString('hex'))
    })
    storage.seal()
    return storage
  })
  const runs = [0, 1, 2].map(() => {
    const [first, second] = sides.map(storage => new nip77.Negentropy(storage, Number.MAX_SAFE_INTEGER)) as [
      nip77.Negentropy,
      nip77.Negentropy,
    ]
    let found = 0
    const before = process.cpuUsage()
    let message: string | null = first.initiate()
    for (let turn = 1; message !== null; turn++) {
      const count = () => void found++
      message = (turn % 2 === 1 ? second : first).reconcile(message, count, count)
    }
    const { user, system } = process.cpuUsage(before)
    if (found !== 1) throw new Error(`the peer found ${found} items`)
    return (user + system) / 1000
  })
  return runs.sort((a, b) => a - b)[1]!
}

async function run(): Promise<BenchResult[]> {
  const parts = await bundled()
  const items = drawItems()
  const results: BenchResult[] = []
  for (const [name, list, insert] of [
    ['in order', items, 0.5],
    ['shuffled', shuffled(items), 2],
  ] as const) {
    // The first round compiles.
    measureTree(parts, name, list.slice(0, ITEMS / 10).concat(list.slice(ITEMS / 10)), { insert, memory: 60 })
    results.push(...measureTree(parts, name, list, { insert, memory: 60 }))
    say(`the tree, ${name}`)
  }
  const sets: [CodedSet, CodedSet] = [new parts.CodedSet(), new parts.CodedSet()]
  for (const set of sets) set.insertAll(items)
  say('both sets')
  results.push(...measureAudits(parts, sets, items))
  const one = results.find(({ case: name }) => name === 'one block apart, both sides')!
  say('the peer')
  const peer = measurePeer(items)
  const position = results.indexOf(one)
  const ratios = { ...one.ratios, 'Negentropy of nostr-tools': significant(peer / one.value) }
  results[position] = { ...one, ratios }
  return results
}

/** Differences, and the most bytes with and without coded cells. */
const CASES: readonly (readonly [string, [number, Where], number | undefined, number | undefined])[] = [
  ['equal sets', [0, 'scattered'], undefined, undefined],
  ['one block apart', [1, 'scattered'], 1200, 2400],
  ['10 scattered', [10, 'scattered'], undefined, undefined],
  ['100 scattered', [100, 'scattered'], undefined, undefined],
  ['1,000 scattered', [1000, 'scattered'], 70_000, undefined],
  ['1,000 recent', [1000, 'recent'], 45_000, 45_000],
]

function measureAudits(
  parts: typeof Parts,
  sets: readonly [CodedSet, CodedSet],
  items: readonly SetItem[],
): BenchResult[] {
  const results: BenchResult[] = []
  for (const [name, difference, withCells, without] of CASES)
    for (const [how, extensions, most] of [
      ['', [parts.SKETCH_EXTENSION], withCells],
      [' without coded cells', [], without],
    ] as const) {
      const turns = difference[0] <= 1 ? 21 : 3
      const cost = apart(sets, items, difference, () => {
        const audits = new Audits(parts, sets, extensions)
        return median(Array.from({ length: turns }, () => audits.audit()))
      })
      say(`${name}${how}: ${cost.bytes} bytes, ${cost.rounds} rounds, ${cost.ms.toFixed(2)} ms`)
      const what = `${name}${how}`
      results.push(
        most === undefined
          ? { case: what, value: cost.bytes, unit: 'bytes', ratios: {} }
          : against(what, cost.bytes, 'bytes', most),
      )
      results.push({ case: `${what}, rounds`, value: cost.rounds, unit: 'rounds', ratios: {} })
      results.push(
        difference[0] === 1 && how === ''
          ? against(`${what}, both sides`, cost.ms, 'ms', 2)
          : { case: `${what}, both sides`, value: significant(cost.ms), unit: 'ms', ratios: {} },
      )
    }
  return results
}

export default { about, run } satisfies Benchmark
