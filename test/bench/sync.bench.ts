import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Benchmark, BenchResult } from './benchmark'
import { say } from './search/cache'
import { writeCarried } from './sync/carried-file'
import { CONTESTANTS, type ContestantName } from './sync/contestants'
import { limit, transfer, type Load, type Transfer } from './sync/transfer'
import { bytesOf, makeTagged } from './tagged-blocks'

const COUNT = 20_000
const MORE = 10
const ROUNDS = 3
/** How each of ours goes, and how often it is measured. */
const OURS = new Map<ContestantName, { readonly way: string; readonly rounds: number }>([
  ['websocket', { way: 'WebSocket', rounds: ROUNDS }],
  ['webrtc', { way: 'WebRTC', rounds: ROUNDS }],
  ['nats', { way: 'NATS', rounds: 1 }],
])

const about = `${COUNT.toLocaleString('en-US')} blocks (384 dimensions f32, a sentence, two tags, 16 authors) from one Node process to another over
loopback, from dialling until all are stored; then the connection is ended, ${MORE} blocks are added, and a new connection brings
those. Ours verifies every block and writes every index, on LMDB, synced. Its code is loaded before, the holder's store was filled
by another process, and its search index is open. "one thread" checks the same signatures with node:crypto and puts the same
bytes into LMDB, in one process, and does nothing else. What the others carry as opaque bytes they do not verify:
Hypercore checks a signature over the root of its log, for one author; Yjs and Automerge keep one document in memory and write it
to a file at the end; RxDB keeps documents in memory; PouchDB replicates over HTTP into LevelDB. OrbitDB needs Node 22 and is left
out. Over NATS, measured once, the time is that of a client that opens its store and reads the stream of a server that has all.
Bytes are both ways and beside the records'. The peak is the larger of both processes' resident memory, with Node's own; without mapped
files it lacks the pages of programs and of LMDB's file, which the system takes back when it needs the room.`

async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  try {
    const blocks = await makeTagged(COUNT + MORE)
    const [file, moreFile] = [path.join(folder, 'records'), path.join(folder, 'more')]
    const [first, later] = [blocks.slice(0, COUNT), blocks.slice(COUNT)]
    writeCarried(file, first)
    writeCarried(moreFile, later)
    return await measure({ file, count: COUNT, bytes: bytesOf(first), moreFile, more: later.length })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(load: Load): Promise<BenchResult[]> {
  const limits: number[] = []
  const ours = new Map<ContestantName, Transfer[]>()
  for (let round = 0; round < ROUNDS; round++) {
    limits.push(await limit(load))
    for (const [name, { rounds }] of OURS) {
      const found = round < rounds ? await carried(name, load) : undefined
      if (found) ours.set(name, [...(ours.get(name) ?? []), found])
    }
  }
  const peers = new Map<string, Transfer>()
  const names = (Object.keys(CONTESTANTS) as ContestantName[]).filter(name => !OURS.has(name))
  for (const name of names) {
    const found = await carried(name, load)
    if (found) peers.set(name, found)
  }
  const oneThread = median(limits)
  return [...ours].flatMap(([name, transfers]) => rows(OURS.get(name)!.way, transfers, oneThread, peers))
}

async function carried(name: ContestantName, load: Load): Promise<Transfer | undefined> {
  say(`${name} carries ${load.count} records`)
  const found = await transfer(name, load)
  if (found) say(`${name}: ${Math.round(found.rate)} records/s, ${Math.round(found.again.ms)} ms for ${load.more} more`)
  return found
}

/** Of a rate more is better, of all else less. */
function rows(
  way: string,
  transfers: readonly Transfer[],
  oneThread: number,
  peers: ReadonlyMap<string, Transfer>,
): BenchResult[] {
  const row = (
    title: string,
    unit: string,
    of: (transfer: Transfer) => number,
    more: 'better' | 'worse',
    first: Record<string, number> = {},
  ): BenchResult => {
    const value = median(transfers.map(of))
    const others = Object.entries({ ...first, ...Object.fromEntries([...peers].map(([peer, t]) => [peer, of(t)])) })
    // What comes compressed may have less than the records' bytes: no ratio then.
    const ratios = others
      .filter(([, other]) => other > 0)
      .map(([peer, other]) => [peer, round(more === 'better' ? value / other : other / value)] as const)
    return { case: `${way}: ${title}`, value: round(value), unit, ratios: Object.fromEntries(ratios) }
  }
  return [
    row('all blocks', 'blocks/s', ({ rate }) => rate, 'better', { 'one thread': oneThread }),
    row('all blocks, bytes beside theirs', 'bytes a block', ({ overhead }) => overhead / COUNT, 'worse'),
    row(`${MORE} more, time`, 'ms', ({ again }) => again.ms, 'worse'),
    row(`${MORE} more, bytes`, 'bytes', ({ again }) => again.bytes, 'worse'),
    row('peak memory', 'MB', ({ peak }) => peak / 1e6, 'worse'),
    row('peak memory, no mapped files', 'MB', ({ own }) => own / 1e6, 'worse'),
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

const round = (value: number) => Number(value.toPrecision(3))

const benchmark: Benchmark = { about, run }
export default benchmark
