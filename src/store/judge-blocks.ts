import type { Rejudgement, StoredBlock } from './block-store'
import type { Draft } from './draft'
import { placedOf, readHoldings } from './holdings'
import type { KeyValueStorage } from './key-value-storage'

/** Judges blocks anew in a draft; answers those whose judgement is another one now. */
export async function judgeBlocks(
  storage: KeyValueStorage,
  draft: Draft,
  judgements: readonly Rejudgement[],
): Promise<StoredBlock[]> {
  const last = new Map(judgements.map(judgement => [judgement.id, judgement]))
  const holdings = await readHoldings(storage, last.keys())
  const judged: StoredBlock[] = []
  for (const [id, { admitted, code }] of last) {
    const holding = holdings.get(id)
    const { stored, entry, digest } = holding ?? {}
    if (!stored || (stored.admitted === admitted && stored.code === code)) continue
    const now: StoredBlock = Object.freeze({ block: stored.block, admitted, ...(code !== undefined && { code }) })
    const placed = placedOf(now, digest!, entry!.seq)
    await draft.load(placed.terms)
    draft.rejudge(placed, entry!.admitted)
    draft.id(digest!, { ...entry!, admitted })
    judged.push(now)
  }
  return judged
}
