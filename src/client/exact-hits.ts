import { blockVector } from '../block/index'
import { directionOf, exactScore } from '../search/for-client'
import type { StoredBlock } from '../store/index'
import { byStandard, type Ranked, type SearchHit, standardScore } from './query'

/** The entry with the score of the block's own vector, where it was found by a rounded one; without what it was asked with. */
export function exactly({ asked, ...entry }: Ranked, stored: StoredBlock | undefined): Ranked {
  const block = stored?.block
  if (!asked || !block || block.opaque || block.kind !== 'embedding') return entry
  const vector = blockVector(block)
  const norm = directionOf(vector)?.norm
  if (norm === undefined) return entry
  const score = exactScore(asked.query, vector, 0, norm)
  return { ...entry, score, standard: standardScore(score, asked.mean, asked.deviation) }
}

/** The hits of one answer, which were chosen by rounded scores, in the order of those that they show. */
export function inOrder(hits: readonly SearchHit[]): SearchHit[] {
  return hits.toSorted((a, b) => byStandard({ ...a, id: a.block.id }, { ...b, id: b.block.id }))
}
