import { attempt, Cid, throwIfAborted } from '../base/index'
import { restoreVerified } from '../validate/index'
import type { StoredBlock } from './block-store'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { logRunKey, recordKey, spaceRange } from './layout'
import { type Arrival, firstOf, LogRun, RUN_ENTRIES } from './log-run'
import { isIntact, readRecord } from './record'
import { decodeStub, type Stub } from './stub-record'
import { expiryOf } from './terms'
import { readUint48 } from './uint48'

/** What a place of the log truly holds, by its record. */
export interface PlaceFound {
  readonly seq: number
  readonly arrival: Arrival
  readonly entry: IdEntry | undefined
  readonly stored?: StoredBlock
  readonly stub?: Stub
  /** What the id says of it, and the log, differs from this, or is damaged. */
  readonly findings: readonly string[]
}

const NO_DIGEST = new Uint8Array(32)

/** What the ids say, by place: 8 + 40 bytes a block. */
class IdTable {
  readonly #digests: Uint8Array
  readonly #entries: (IdEntry | undefined)[]
  /** Keys whose values are not what was written. */
  readonly damaged: Uint8Array[] = []

  constructor(end: number) {
    this.#digests = new Uint8Array((end + 1) * 32)
    this.#entries = new Array<IdEntry | undefined>(end + 1)
  }

  async fill(storage: KeyValueStorage): Promise<void> {
    for await (const [key, value] of storage.range(spaceRange('id'))) {
      const read = attempt(() => decodeIdEntry(key.subarray(1), value))
      const entry = read.ok ? read.value : undefined
      if (!entry || entry.seq < 1 || entry.seq >= this.#entries.length) {
        this.damaged.push(key)
        continue
      }
      this.#entries[entry.seq] = entry
      this.#digests.set(key.subarray(1), entry.seq * 32)
    }
  }

  at(seq: number): { entry: IdEntry; digest: Uint8Array } | undefined {
    const entry = this.#entries[seq]
    return entry && { entry, digest: this.#digests.subarray(seq * 32, seq * 32 + 32) }
  }
}

/** The last place that a record or the log has. */
export async function lastPlace(storage: KeyValueStorage): Promise<number> {
  let end = 0
  for await (const [key] of storage.range({ ...spaceRange('record'), reverse: true, limit: 1 }))
    end = readUint48(key, 1)
  for await (const [key, value] of storage.range({ ...spaceRange('log'), reverse: true, limit: 1 })) {
    const number = readUint48(key, 1)
    const run = attempt(() => LogRun.read(number, value))
    end = Math.max(end, run.ok ? firstOf(number) + run.value.length - 1 : firstOf(number))
  }
  return end
}

/** Every place of the log in order, judged by what the records are. One run of 64 at a time, which then may be rewritten. */
export async function* scanPlaces(
  storage: KeyValueStorage,
  onDamagedId: (key: Uint8Array) => void,
  signal?: AbortSignal,
): AsyncGenerator<PlaceFound[]> {
  const end = await lastPlace(storage)
  const ids = new IdTable(end)
  await ids.fill(storage)
  ids.damaged.forEach(onDamagedId)
  for (let run = 0; firstOf(run) <= end; run++) {
    throwIfAborted(signal)
    const value = await storage.get(logRunKey(run))
    const log = value && attempt(() => LogRun.read(run, value))
    const records = await recordsOf(storage, run)
    const found: PlaceFound[] = []
    for (let seq = firstOf(run); seq <= Math.min(end, firstOf(run) + RUN_ENTRIES - 1); seq++) {
      const logged = log?.ok && log.value.has(seq) ? log.value.at(seq) : undefined
      found.push(judge(seq, records.get(seq), ids.at(seq), logged))
    }
    yield found
  }
}

async function recordsOf(storage: KeyValueStorage, run: number): Promise<Map<number, Uint8Array>> {
  const range = { gte: recordKey(firstOf(run)), lt: recordKey(firstOf(run + 1)) }
  const records = new Map<number, Uint8Array>()
  for await (const [key, value] of storage.range(range)) {
    records.set(readUint48(key, 1), value)
  }
  return records
}

type Known = { entry: IdEntry; digest: Uint8Array } | undefined

function judge(seq: number, record: Uint8Array | undefined, known: Known, logged: Arrival | undefined): PlaceFound {
  const place = judgeRecord(record, known, logged)
  const { arrival, digest } = place
  const findings: string[] = []
  // One that was set aside, and that indexes still have, is told until it comes again or they are made anew.
  const isSettled = known?.entry.state === 'lost' && !known.entry.counted
  if (arrival.state === 'lost' && !isSettled) findings.push(`blocks.${idOf(digest)}`)
  if (!logged || logged.state !== arrival.state || logged.time !== arrival.time || !same(logged.digest, digest)) {
    findings.push(`log.${seq}`)
  }
  const isOwn =
    arrival.state === 'erased' || (known && same(known.digest, digest) && known.entry.state === arrival.state)
  if (!isOwn) findings.push(`ids.${seq}`)
  return { seq, entry: known && same(known.digest, digest) ? known.entry : undefined, findings, ...place }
}

const idOf = (digest: Uint8Array) => Cid.textOf(digest)
const same = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i])

function judgeRecord(record: Uint8Array | undefined, known: Known, logged: Arrival | undefined) {
  for (const digest of [known?.digest, logged?.digest]) {
    if (!record || !digest) continue
    if (isIntact(record, digest)) {
      const stub =
        known?.entry.state === 'pruned' || logged?.state === 'pruned' ? decodeStub(record, digest) : undefined
      if (stub) return { digest, stub, arrival: { digest, time: stub.time, expires: 0, state: 'pruned' as const } }
      const stored = attempt(() => readRecord(idOf(digest), digest, record))
      if (stored.ok) return held(stored.value, digest)
    }
  }
  const hashed = record && rehash(record)
  if (hashed) return hashed
  const digest = known?.digest ?? logged?.digest ?? NO_DIGEST
  const gone = known ? known.entry.state === 'erased' : logged?.state !== 'held' && logged?.state !== 'pruned'
  const state = gone && logged?.state !== 'lost' ? ('erased' as const) : ('lost' as const)
  return { digest, arrival: { digest, time: logged?.time ?? 0, expires: logged?.expires ?? 0, state } }
}

/** A record whose id is told nowhere any more: the id is the hash of its payload. */
function rehash(record: Uint8Array) {
  const restored = record.length > 6 ? restoreVerified(record.slice(6 + record[5]!)) : undefined
  const cid = restored?.ok ? Cid.parse(restored.value.id) : undefined
  if (!cid?.ok || !isIntact(record, cid.value.digest)) return undefined
  const { digest } = cid.value
  return held(readRecord(idOf(digest), digest, record), digest)
}

function held(stored: StoredBlock, digest: Uint8Array) {
  const { block } = stored
  return { digest, stored, arrival: { digest, time: block.time, expires: expiryOf(block), state: 'held' as const } }
}
