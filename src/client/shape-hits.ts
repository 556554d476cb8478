import { CosmicError } from '../base/index'
import { blockVector } from '../block/index'
import { MAX_HITS } from '../search/index'
import type { SearchHit } from './query'

/** How the ranked hits are cut into an answer. */
export interface HitShape {
  /** How many of the best to pass over (default 0): the second page of ten has `offset: 10`. */
  readonly offset?: number
  /** At most so many hits of one author. */
  readonly perAuthor?: number
  /**
   * How much a hit counts for being unlike those before it, 0 … 1 (default 0), against its score: maximal marginal relevance
   * (Carbonell and Goldstein 1998).
   */
  readonly diversity?: number
}

/** Hits looked at for each one wanted, where some will be passed over. */
const SPARE = 4
/** A diverse answer is chosen from so many of the best at least: the same ones for every page, or pages would not fit together. */
const POOL = 200

/** Throws `out-of-range` with the field. */
export function checkShape({ offset = 0, perAuthor = 1, diversity = 0 }: HitShape, k: number): void {
  if (!Number.isInteger(offset) || offset < 0 || (offset > 0 && offset + k > MAX_HITS)) {
    throw new CosmicError({ code: 'out-of-range', field: 'offset', limit: MAX_HITS - k })
  }
  if (!Number.isInteger(perAuthor) || perAuthor < 1) {
    throw new CosmicError({ code: 'out-of-range', field: 'perAuthor', hint: 'a whole number from 1 on' })
  }
  if (!(diversity >= 0 && diversity <= 1)) {
    throw new CosmicError({ code: 'out-of-range', field: 'diversity', hint: 'a share from 0 to 1' })
  }
  if (diversity > 0 && offset > 0 && offset + k > poolOf(k)) {
    const hint = 'with diversity, pages end with the hits that are chosen from'
    throw new CosmicError({ code: 'out-of-range', field: 'offset', limit: poolOf(k) - k, hint })
  }
}

/** How many ranked hits an answer of `k` is made from. */
export function ranksFor({ offset = 0, perAuthor, diversity = 0 }: HitShape, k: number): number {
  // A `k` that is refused is refused as it is.
  if (!Number.isInteger(k) || k < 1 || k > MAX_HITS) return k
  const wanted = diversity > 0 ? poolOf(k) : offset + k
  return Math.min(MAX_HITS, wanted * (perAuthor === undefined ? 1 : SPARE))
}

/** How many of the best a diverse answer of `k` is chosen from, whichever page it is. */
function poolOf(k: number): number {
  return Math.min(MAX_HITS, Math.max(POOL, SPARE * k))
}

/** Whether these hits, in their order, make the answer that all would make. */
export function suffices(hits: readonly SearchHit[], { offset = 0, perAuthor, diversity = 0 }: HitShape, k: number) {
  const few = perAuthor === undefined ? hits : fewOfEach(hits, perAuthor)
  return few.length >= (diversity > 0 ? poolOf(k) : offset + k)
}

/** The answer from hits in their order. */
export function shapeHits(hits: readonly SearchHit[], { offset = 0, perAuthor, diversity = 0 }: HitShape, k: number) {
  const few = perAuthor === undefined ? hits : fewOfEach(hits, perAuthor)
  const ordered = diversity > 0 ? diverse(few.slice(0, poolOf(k)), diversity, offset + k) : few
  return ordered.slice(offset, offset + k)
}

function fewOfEach(hits: readonly SearchHit[], most: number): SearchHit[] {
  const counts = new Map<string, number>()
  return hits.filter(({ block }) => {
    const count = (counts.get(block.author) ?? 0) + 1
    counts.set(block.author, count)
    return count <= most
  })
}

/** Takes, one after the other, the hit whose score less its likeness to any taken before is highest. */
function diverse(hits: readonly SearchHit[], diversity: number, count: number): SearchHit[] {
  const left = hits.map(hit => ({ hit, vector: unitOf(hit), likeness: -1 }))
  const taken: SearchHit[] = []
  while (taken.length < count && left.length > 0) {
    const worth = left.map(({ hit, likeness }) => (1 - diversity) * hit.score - diversity * Math.max(0, likeness))
    const [next] = left.splice(worth.indexOf(Math.max(...worth)), 1)
    taken.push(next!.hit)
    for (const other of left) other.likeness = Math.max(other.likeness, likenessOf(next!, other))
  }
  return taken
}

/** Vectors of different models say nothing of each other. */
function likenessOf(a: { hit: SearchHit; vector: Float32Array }, b: { hit: SearchHit; vector: Float32Array }): number {
  if (a.hit.block.embedding.model !== b.hit.block.embedding.model || a.vector.length !== b.vector.length) return 0
  return a.vector.reduce((sum, value, i) => sum + value * b.vector[i]!, 0)
}

function unitOf({ block }: SearchHit): Float32Array {
  const vector = blockVector(block)
  const length = Math.hypot(...vector)
  return vector.map(value => value / length)
}
