import { attempt, CosmicError } from '../base/index'
import type { StoredBlock } from './block-store'
import { digestOf } from './digest-of'
import type { Placed } from './draft'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { idKey, recordKey } from './layout'
import { readRecord } from './record'
import { decodeStub, type Stub } from './stub-record'
import { termsOf } from './terms'

/** What the store has of an id: a block that it holds, a stub, or only where it stood. */
export interface Holding {
  readonly id: string
  readonly digest: Uint8Array
  readonly entry: IdEntry
  readonly stored?: StoredBlock
  readonly stub?: Stub
}

/**
 * Of those of these ids that the log knows. A held block without `stored` is damaged. Throws `storage` with the field `ids` where
 * an id is, unless `onDamage` is told of it.
 */
export async function readHoldings(
  storage: KeyValueStorage,
  ids: Iterable<string>,
  onDamage?: (id: string) => void,
): Promise<Map<string, Holding>> {
  const asked = [...new Set(ids)].flatMap(id => {
    const digest = digestOf(id)
    return digest ? [{ id, digest }] : []
  })
  const values = await storage.getMany(asked.map(({ digest }) => idKey(digest)))
  const known = asked.flatMap((each, i) => {
    const entry = attempt(() => decodeIdEntry(each.digest, values[i]))
    if (entry.ok) return entry.value ? [{ ...each, entry: entry.value }] : []
    if (!onDamage) throw new CosmicError(entry.error)
    onDamage(each.id)
    return []
  })
  const records = await storage.getMany(known.map(({ entry }) => recordKey(entry.seq)))
  return new Map(known.map((each, i) => [each.id, { ...each, ...read(each, records[i]) }]))
}

function read({ id, digest, entry }: Holding, record: Uint8Array | undefined): Pick<Holding, 'stored' | 'stub'> {
  if (record === undefined) return {}
  if (entry.state === 'pruned') {
    const stub = decodeStub(record, digest)
    return stub ? { stub } : {}
  }
  if (entry.state !== 'held') return {}
  const stored = attempt(() => readRecord(id, digest, record))
  return stored.ok ? { stored: stored.value } : {}
}

export function placedOf(stored: StoredBlock, digest: Uint8Array, seq: number): Placed {
  return { ...stored, digest, seq, terms: termsOf(stored.block) }
}
