import type { BenchPlot, BenchResult } from '../benchmark'
import { rateAt } from '../equal-recall'
import { rowsOf } from './block-of'
import { say } from './cache'
import { rowOf, type Dataset } from './data'
import { openHnswlib } from './hnswlib'
import { fillOurs, type Ours } from './ours'
import { INSERTIONS, processorTime, type OpenPeer, type Peer } from './peer'
import { sweep, type Curve } from './sweep'
import { trueNearest } from './truth'
import { openUsearch } from './usearch'

/** What is asked of ours: `recall`. Rates below are those at the recall that is found. */
export const RECALLS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]
export const EQUAL = [0.95, 0.98, 0.999]

export interface Compared {
  readonly results: BenchResult[]
  readonly plot: BenchPlot
  readonly peers: readonly Peer[]
  readonly insertions: Insertions
  readonly clusters: Ours
}

/**
 * Recall against rate of ours and of the libraries that build a graph, each by its own knob, and their rates at equal recall; the
 * processor time of insertions; memory.
 */
export async function compareEngines(data: Dataset, title: string): Promise<Compared> {
  const truth = trueNearest(data)
  say(`filling ours with ${data.count} vectors of ${data.dims} dimensions`)
  const clusters = await fillOurs(data)
  const ours = await sweepOurs('cosmic-embeddings', clusters, data, truth)
  const peers: Peer[] = []
  const curves: Curve[] = [ours]
  for (const open of [openHnswlib, openUsearch] as readonly OpenPeer[]) {
    const peer = await open(data)
    if (!peer) continue
    peers.push(peer)
    curves.push(await sweep(peer, data, truth))
  }
  const insertions = insertionsOf(peers, data)
  const results = [
    ...EQUAL.flatMap(recall => equalRecall(`clusters, at recall ${recall}`, curves, recall)),
    ...EQUAL.map(recall => found(recall, ours)),
    insertionResult('insertion, making of clusters included', clusters.insertion, insertions),
  ]
  return { results, plot: { title, curves }, peers, insertions, clusters }
}

export function sweepOurs(
  name: string,
  ours: Ours,
  data: Dataset,
  truth: readonly (readonly number[])[],
  recalls: readonly number[] = RECALLS,
): Promise<Curve> {
  const at = (recall: number) => (query: Float32Array) => ours.search(query, { recall })
  return sweep({ name, knobs: recalls, at, rows: rowsOf }, data, truth)
}

/** What is found where `recall` is asked for; of a curve that ended before, its end. */
function found(recall: number, { points }: Curve): BenchResult {
  const point = points[RECALLS.indexOf(recall)] ?? points.at(-1)!
  const value = Number(point.recall.toFixed(4))
  return {
    case: `found where ${recall} is asked for`,
    value,
    unit: 'of 1',
    ratios: { asked: Number((value / recall).toFixed(4)) },
  }
}

/** Ours is the first; nothing where it never finds as much. */
export function equalRecall(label: string, [ours, ...others]: readonly Curve[], recall: number): BenchResult[] {
  const value = rateAt(ours!.points, recall)
  if (value === undefined) return []
  const ratios = others.flatMap(({ name, points }) => {
    const rate = rateAt(points, recall)
    return rate === undefined ? [] : [[name, significant(value / rate)] as const]
  })
  return [{ case: label, value: Math.round(value), unit: 'op/s', ratios: Object.fromEntries(ratios) }]
}

/** Processor time of an insertion, in microseconds. */
export type Insertions = ReadonlyMap<string, number>

/** Those of peers that were filled in this run, or into their full index. */
export function insertionsOf(peers: readonly Peer[], data: Dataset): Insertions {
  const times = new Map<string, number>()
  for (const { name, insertion, insert } of peers) {
    if (insertion !== undefined) times.set(name, insertion)
    if (!insert) continue
    say(`${name}: ${INSERTIONS} insertions`)
    const start = processorTime()
    for (let i = 0; i < INSERTIONS; i++) insert(data.count + i, between(rowOf(data, i), rowOf(data, i + 200)))
    times.set(name, (1000 * (processorTime() - start)) / INSERTIONS)
  }
  return times
}

/** Of unit length. */
function between(a: Float32Array, b: Float32Array): Float32Array {
  const sum = a.map((x, i) => x + 0.5 * b[i]!)
  const length = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0))
  return sum.map(x => x / length)
}

export function insertionResult(label: string, value: number, theirs: Insertions): BenchResult {
  const ratios = [...theirs].map(([name, time]) => [name, significant(time / value)] as const)
  return { case: label, value: significant(value), unit: 'µs', ratios: Object.fromEntries(ratios) }
}

/** The memory of ours, exact vectors left to the store, beside that of peers. */
export function memory(ours: Ours, peers: readonly Peer[], dims: number): BenchResult {
  const share = (bytes: number) => significant(bytes / ours.bytes)
  const ratios = peers.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [[name, share(bytes)] as const]))
  return {
    case: 'memory a vector',
    value: Math.round(ours.bytes),
    unit: 'bytes',
    ratios: { f32: share(4 * dims), ...Object.fromEntries(ratios) },
  }
}

export function significant(value: number): number {
  return Number(value.toPrecision(3))
}
