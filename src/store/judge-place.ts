import { attempt, Cid, equal } from '../base/index'
import { restoreVerified } from '../validate/index'
import type { StoredBlock } from './block-store'
import type { IdEntry } from './id-entry'
import type { KnownPlace } from './id-table'
import type { Arrival } from './log-run'
import { isIntact, readRecord } from './record'
import { decodeStub, type Stub } from './stub-record'
import { expiryOf } from './terms'

/** What a place of the log truly holds, by its record. */
export interface PlaceFound {
  readonly seq: number
  readonly arrival: Arrival
  /** What the id of just this digest and place says. */
  readonly entry: IdEntry | undefined
  readonly stored?: StoredBlock
  readonly stub?: Stub
  /** What the id says of it, and the log, differs from this, or is damaged. */
  readonly findings: readonly string[]
}

/** What stands at a place: its record's bytes, what its id says, and what the log does; `logged` is `damaged` with its whole run. */
export interface PlaceParts {
  readonly seq: number
  readonly record: Uint8Array | undefined
  readonly known: KnownPlace | undefined
  readonly logged: Arrival | 'damaged' | undefined
}

type Content = Pick<PlaceFound, 'stored' | 'stub' | 'arrival'>

const NO_DIGEST = new Uint8Array(32)

/** What the record says by itself, whatever place it stands at: a block, whose id is the hash of its payload. */
export function rehash(record: Uint8Array): StoredBlock | undefined {
  const restored = record.length > 6 ? restoreVerified(record.slice(6 + record[5]!)) : undefined
  const cid = restored?.ok ? Cid.parse(restored.value.id) : undefined
  if (!restored?.ok || !cid?.ok || !isIntact(record, cid.value.digest)) return undefined
  const read = attempt(() => readRecord(restored.value.id, cid.value.digest, record))
  return read.ok ? read.value : undefined
}

/** The block or stub of this place, by the digest that its id or its log entry has. */
export function contentOf({ record, known, logged }: PlaceParts): Content | undefined {
  const entry = logged === 'damaged' ? undefined : logged
  for (const digest of [known?.digest, entry?.digest]) {
    if (!record || !digest || !isIntact(record, digest)) continue
    const isStub = known?.entry.state === 'pruned' || entry?.state === 'pruned'
    const stub = isStub ? decodeStub(record, digest) : undefined
    // Of stubs of earlier versions only the log tells when they expire; where it is damaged, they stay until the floor rises.
    const expires = stub?.expires ?? (entry && equal(entry.digest, digest) ? entry.expires : 0)
    if (stub) return { stub, arrival: { digest, time: stub.time, expires, state: 'pruned' } }
    const stored = attempt(() => readRecord(Cid.textOf(digest), digest, record))
    if (stored.ok) return heldAs(stored.value, digest)
  }
  return undefined
}

export function heldAs(stored: StoredBlock, digest: Uint8Array): Content {
  const { block } = stored
  return { stored, arrival: { digest, time: block.time, expires: expiryOf(block), state: 'held' } }
}

/** What a place is without a record: erased where its id or the log says so, else lost. */
export function withoutRecord({ known, logged }: PlaceParts, isElsewhere: boolean): Content {
  const entry = logged === 'damaged' ? undefined : logged
  const digest = known?.digest ?? entry?.digest ?? NO_DIGEST
  const gone = known ? known.entry.state === 'erased' : entry?.state !== 'held' && entry?.state !== 'pruned'
  const isErased = isElsewhere || (gone && entry?.state !== 'lost')
  const state = isErased ? ('erased' as const) : ('lost' as const)
  return { arrival: { digest, time: entry?.time ?? 0, expires: entry?.expires ?? 0, state } }
}

/** With what its id and its log entry say otherwise. A run that is damaged is told once, not at each of its places. */
export function compared({ seq, known, logged }: PlaceParts, content: Content): PlaceFound {
  const { arrival } = content
  const { digest, state, time, expires } = arrival
  const findings: string[] = []
  const isOwn = known !== undefined && equal(known.digest, digest)
  // One that was set aside, and that indexes still have, is told until it comes again or they are made anew.
  const isSettled = known?.entry.state === 'lost' && !known.entry.counted
  if (state === 'lost' && !isSettled) findings.push(`blocks.${Cid.textOf(digest)}`)
  const isSame = (other: Arrival | undefined) =>
    other?.state === state && other.time === time && other.expires === expires && equal(other.digest, digest)
  if (logged !== 'damaged' && !isSame(logged)) {
    findings.push(`log.${seq}`)
  }
  if (state !== 'erased' && !(isOwn && known.entry.state === state)) findings.push(`ids.${seq}`)
  return { seq, entry: isOwn ? known.entry : undefined, findings, ...content }
}
