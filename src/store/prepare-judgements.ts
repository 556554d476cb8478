import { attempt } from '../base/index'
import type { Rejudgement, StoredBlock } from './block-store'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { recordKey, totalsKey } from './layout'
import { encodeRecord, openRecord, restoreRecord } from './record'
import { decodeTotals, encodeTotals } from './totals'

export interface PreparedJudgements {
  /** The blocks whose judgement changes, as they will be judged. */
  readonly judged: readonly StoredBlock[]
  readonly operations: readonly BatchOperation[]
}

/** Everything that judging these blocks anew changes, as one batch. The caller lets no other writer in between. */
export async function prepareJudgements(
  storage: KeyValueStorage,
  judgements: readonly Rejudgement[],
): Promise<PreparedJudgements> {
  const last = new Map(judgements.map(judgement => [judgement.id, judgement]))
  const known = [...last.values()].filter(({ id }) => recordKey(id) !== undefined)
  const records = await storage.getMany(known.map(({ id }) => recordKey(id)!))
  const judged: StoredBlock[] = []
  let growth = 0
  for (const [i, judgement] of known.entries()) {
    const record = records[i]
    const stored = record && attempt(() => restoreRecord(judgement.id, openRecord(judgement.id, record)))
    if (!stored?.ok || alike(stored.value, judgement)) continue
    growth += Number(judgement.admitted) - Number(stored.value.admitted)
    judged.push(judgedBlock(stored.value, judgement))
  }
  if (judged.length === 0) return { judged, operations: [] }
  const totals = decodeTotals(await storage.get(totalsKey()))
  const admitted = Math.max(0, totals.admitted + growth)
  const operations = judged.map(stored => put(recordKey(stored.block.id)!, encodeRecord(stored)))
  return { judged, operations: [...operations, put(totalsKey(), encodeTotals({ ...totals, admitted }))] }
}

const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key, value })

function alike(stored: StoredBlock, { admitted, code }: Rejudgement): boolean {
  return stored.admitted === admitted && stored.code === code
}

function judgedBlock({ block }: StoredBlock, { admitted, code }: Rejudgement): StoredBlock {
  return Object.freeze({ block, admitted, ...(code !== undefined && { code }) })
}
