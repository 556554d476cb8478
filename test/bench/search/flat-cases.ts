import type { BenchResult } from '../benchmark'
import { rateAt } from '../equal-recall'
import { blockOf, isRare, rowsOf } from './block-of'
import { say } from './cache'
import { memory, perVector, significant, sweepOurs } from './compare-engines'
import type { Dataset } from './data'
import { openLancedb } from './lancedb'
import { openOrama } from './orama'
import { fillOurs, type Ours } from './ours'
import { processorTime, type Peer } from './peer'
import { plainLoop } from './plain-loop'
import { openSqliteVec } from './sqlite-vec'
import { rateOf } from './sweep'
import { recallOf, trueNearest } from './truth'

const REMOVED = 40_000

/** Ours without clusters beside libraries that compare every vector: rates, insertions, memory; and a filter. */
export async function flatCases(data: Dataset, graphs: readonly Peer[], clusters: Ours): Promise<BenchResult[]> {
  const truth = trueNearest(data)
  const exact = [plainLoop(data), await openOrama(data), await openSqliteVec(data), await openLancedb(data)].filter(
    peer => peer !== undefined,
  )
  const flat = await fillOurs(data, { flat: true })
  const curve = await sweepOurs('cosmic-embeddings, flat', flat, data, truth)
  const ours = rateAt(curve.points, 0.95)!
  await assertExact(flat, data, truth)
  const exactRate = await rateOf(query => flat.search(query, { mode: 'exact' }), data.queries)
  const rates = new Map<string, number>()
  for (const peer of exact) {
    rates.set(peer.name, await rateOf(peer.at(0), data.queries))
    say(`${peer.name}: ${rates.get(peer.name)!.toFixed(1)}/s`)
  }
  const against = (rate: number) =>
    Object.fromEntries([...rates].map(([name, theirs]) => [name, significant(rate / theirs)]))
  const inserted = [...graphs, ...exact]
  const { insertion, bytes } = await fillOurs(data, { flat: true, stored: true })
  return [
    { case: 'flat, at recall 0.95', value: Math.round(ours), unit: 'op/s', ratios: against(ours) },
    { case: 'exact', value: Math.round(exactRate), unit: 'op/s', ratios: against(exactRate) },
    perVector('insertion, flat', insertion, inserted),
    memory({ ...flat, bytes }, graphs, data.dims),
    ...(await filterCases(data, flat, clusters, [...graphs, ...exact])),
    removal(clusters, data),
  ]
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

/** Removes rows and adds them again: the place they leave must suffice. */
function removal({ engine }: Ours, { vectors, dims, count }: Dataset): BenchResult {
  const before = engine.spaces[0]!.bytes
  const rows = Array.from({ length: REMOVED }, (_, i) => (i * 7919) % count)
  const blocks = rows.map(row => blockOf(row, vectors.subarray(row * dims, (row + 1) * dims)))
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    const start = processorTime()
    for (const { block } of blocks) engine.remove(block)
    times.push((1000 * (processorTime() - start)) / REMOVED)
    for (const block of blocks) engine.add(block)
  }
  const grown = engine.spaces[0]!.bytes / before
  if (grown > 1.05) throw new Error(`removed and added again, ${REMOVED} rows take ${grown} times the memory`)
  return { case: 'removal', value: significant(times.sort((a, b) => a - b)[1]!), unit: 'µs', ratios: {} }
}
