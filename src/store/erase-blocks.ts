import { Cid } from '../base/index'
import type { EraseReason, ErasedBlock } from './block-store'
import type { Draft } from './draft'
import { type Holding, placedOf, readHoldings } from './holdings'
import type { KeyValueStorage } from './key-value-storage'
import type { LogReader } from './log-reader'
import { leavesStub } from './leaves-stub'
import { boundOf, readPosting } from './postings'
import { PostingsReader } from './postings-reader'
import { encodeStub } from './stub-record'
import { EVERY_BLOCK, EVERY_STUB, expiryOf } from './terms'

export interface EraseParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly draft: Draft
}

/** Erases what is held of these ids. A retraction stays: what it withdrew would come back. */
export async function eraseBlocks(
  parts: EraseParts,
  ids: readonly string[],
  reason: EraseReason,
): Promise<ErasedBlock[]> {
  const erased: ErasedBlock[] = []
  for (const holding of (await readHoldings(parts.storage, ids)).values()) {
    if (holding.stored?.block.kind === 'retraction') continue
    const each = await eraseHolding(parts, holding, reason, leavesStub(reason))
    if (each) erased.push(each)
  }
  return erased
}

/** Erases up to `limit` blocks and stubs, or only stubs, dated before `floor`, the oldest first. */
export async function dropBelow(
  parts: EraseParts,
  floor: number,
  limit: number,
  only?: 'stubs',
): Promise<ErasedBlock[]> {
  const { storage, log } = parts
  const seqs: number[] = []
  for (const list of only ? [EVERY_STUB] : [EVERY_BLOCK, EVERY_STUB]) {
    const onDamage = (error: unknown) => {
      throw error
    }
    const reader = new PostingsReader(storage, list, { reverse: false, to: boundOf(floor), onDamage })
    while (seqs.length < limit && (await reader.next())) seqs.push(readPosting(reader.entries!, reader.at).seq)
  }
  const ids = (await log.digests(seqs)).map(digest => Cid.textOf(digest))
  const erased: ErasedBlock[] = []
  for (const holding of (await readHoldings(storage, ids)).values()) {
    const each = await eraseHolding(parts, holding, 'below-floor')
    if (each) erased.push(each)
  }
  return erased
}

/** Erases one block or stub; `undefined` when there is nothing to erase, or its record is damaged. */
export async function eraseHolding(
  { draft }: Pick<EraseParts, 'draft'>,
  { id, digest, entry, stored, stub }: Holding,
  reason: ErasedBlock['reason'],
  leaveStub = false,
): Promise<ErasedBlock | undefined> {
  const of = stored?.block ?? stub
  if (of === undefined || (leaveStub && stub)) return undefined
  const { seq } = entry
  const { time } = of
  if (stored) {
    const placed = placedOf({ ...stored, admitted: entry.admitted }, digest, seq)
    await draft.load(placed.terms)
    draft.remove(placed)
    if (entry.waiting) draft.wait(stored.block.author, -1)
  } else draft.stub(seq, time, digest, undefined)
  const state = leaveStub ? 'pruned' : 'erased'
  draft.mark(seq, { state })
  draft.id(digest, { seq, state, admitted: false, waiting: false })
  if (leaveStub && stored)
    draft.stub(seq, time, digest, encodeStub({ ...stored.block, expires: expiryOf(stored.block) }, digest))
  return { id, time, kind: of.kind, author: of.author, reason }
}
