import type { BenchResult } from '../benchmark'
import { compare } from '../compare'
import { blockOf, isRare, rowsOf } from './block-of'
import { say } from './cache'
import {
  insertionResult,
  insertionsOf,
  memory,
  RECALLS,
  significant,
  sweepOurs,
  type Compared,
} from './compare-engines'
import type { Dataset } from './data'
import { openLancedb } from './lancedb'
import { openOrama } from './orama'
import { fillOurs, type Ours } from './ours'
import { processorTime, type Peer, type Search } from './peer'
import { plainLoop } from './plain-loop'
import { openSqliteVec } from './sqlite-vec'
import { rateOf } from './sweep'
import { recallOf, trueNearest } from './truth'

const REMOVED = 40_000
/** Of removals: an odd number. */
const ROUNDS = 9

/** Ours without clusters beside libraries that compare every vector: rates, insertions, memory; and a filter. */
export async function flatCases(data: Dataset, { peers, insertions, clusters }: Compared): Promise<BenchResult[]> {
  const truth = trueNearest(data)
  const stored = await fillOurs(data, { flat: true, stored: true })
  const flat = await fillOurs(data, { flat: true })
  const curve = await sweepOurs('cosmic-embeddings, flat', flat, data, truth)
  const recall = RECALLS[curve.points.findIndex(point => point.recall >= 0.95)]!
  await assertExact(flat, data, truth)
  const removed = removal(clusters, data)
  const filtered = await filterCases(data, flat, clusters, [...peers, plainLoop(data)])
  const exact = [plainLoop(data), await openSqliteVec(data), await openLancedb(data)].filter(peer => peer !== undefined)
  const search = (asked: object) => (query: Float32Array) => flat.search(query, asked)
  const [fast, sure] = [search({ recall }), search({ mode: 'exact' })]
  const results = [
    await beside('flat, at recall 0.95', fast, exact, data),
    await beside('flat, exact', sure, exact, data),
  ]
  // Its vectors are objects, which burden whatever runs beside them: it comes last, alone with ours.
  const orama = [await openOrama(data)]
  const others = [
    await beside('flat, at recall 0.95', fast, orama, data),
    await beside('flat, exact', sure, orama, data),
  ]
  const theirs = new Map([...insertions, ...insertionsOf([...exact, ...orama], data)])
  return [
    ...results.map((result, i) => ({ ...result, ratios: { ...result.ratios, ...others[i]!.ratios } })),
    insertionResult('insertion, flat', stored.insertion, theirs),
    memory({ ...flat, bytes: stored.bytes }, peers, data.dims),
    ...filtered,
    removed,
  ]
}

/** By the clock, in turns: what a caller waits for. */
function beside(label: string, ours: Search, peers: readonly Peer[], { queries }: Dataset): Promise<BenchResult> {
  const ask = (search: Search) => (turn: number) => search(queries[turn % queries.length]!)
  say(label)
  return compare({
    case: label,
    ours: ask(ours),
    peers: Object.fromEntries(peers.map(peer => [peer.name, ask(peer.at(0))])),
    rounds: 5,
  })
}

async function assertExact(ours: Ours, data: Dataset, truth: readonly (readonly number[])[]): Promise<void> {
  for (const [i, query] of data.queries.entries()) {
    const found = rowsOf(await ours.search(query, { mode: 'exact' }))
    if (found.join() !== truth[i]!.join()) throw new Error(`query ${i}: exact mode does not find the nearest`)
  }
}

/** The same, asked for recall 0.95, of the 1 % with a tag and of all. */
async function filterCases(data: Dataset, flat: Ours, clusters: Ours, peers: readonly Peer[]): Promise<BenchResult[]> {
  const where = { tags: ['rare'] }
  const rare = await recallOfOurs(clusters, data, trueNearest(data, '-rare', isRare), { where })
  const all = await recallOfOurs(clusters, data, trueNearest(data), {})
  const rate = await rateOf(query => clusters.search(query, { where }), data.queries)
  const unfiltered = await rateOf(query => flat.search(query), data.queries)
  const ratios = [['flat without filter', significant(rate / unfiltered)]] as [string, number][]
  for (const peer of peers) {
    if (!peer.filtered) continue
    ratios.push([peer.name, significant(rate / (await rateOf(peer.filtered(isRare), data.queries)))])
  }
  return [
    { case: 'top 10 of the 1 % with a tag', value: Math.round(rate), unit: 'op/s', ratios: Object.fromEntries(ratios) },
    {
      case: 'recall of it',
      value: Number(rare.toFixed(4)),
      unit: 'of 1',
      ratios: { 'without filter': Number((rare / all).toFixed(4)) },
    },
  ]
}

async function recallOfOurs(ours: Ours, data: Dataset, truth: readonly (readonly number[])[], asked: object) {
  const found: number[][] = []
  for (const query of data.queries) found.push(rowsOf(await ours.search(query, asked)))
  return recallOf(found, truth)
}

/**
 * Removes rows and adds them again: the place they leave must suffice. The blocks are others each time, as a retraction names a block by
 * an id of its own; of many rounds the median, since one takes no longer than the collection of garbage that earlier cases left.
 */
function removal({ engine }: Ours, { vectors, dims, count }: Dataset): BenchResult {
  const before = engine.spaces[0]!.bytes
  const rows = Array.from({ length: REMOVED }, (_, i) => (i * 7919) % count)
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const blocks = rows.map(row => blockOf(row, vectors.subarray(row * dims, (row + 1) * dims)))
    const start = processorTime()
    for (const { block } of blocks) engine.remove(block)
    times.push((1000 * (processorTime() - start)) / REMOVED)
    for (const block of blocks) engine.add(block)
  }
  const grown = engine.spaces[0]!.bytes / before
  if (grown > 1.05) throw new Error(`removed and added again, ${REMOVED} rows take ${grown} times the memory`)
  return { case: 'removal', value: significant(times.sort((a, b) => a - b)[(ROUNDS - 1) / 2]!), unit: 'µs', ratios: {} }
}
