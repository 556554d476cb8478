import { attempt, Cid, equal, throwIfAborted } from '../base/index'
import type { StoredBlock } from './block-store'
import { decodeIdEntry } from './id-entry'
import { IdTable } from './id-table'
import { compared, contentOf, heldAs, type PlaceFound, type PlaceParts, rehash, withoutRecord } from './judge-place'
import type { KeyValueStorage } from './key-value-storage'
import { idKey, logRunKey, recordKey, spaceRange, stateKey } from './layout'
import { firstOf, LogRun, RUN_ENTRIES } from './log-run'
import { decodeStateOr } from './store-state'
import { readUint48 } from './uint48'

/** A record at a place that is not its block's: to be put anew where it belongs, or nothing that can be read. */
export interface Stray {
  readonly key: Uint8Array
  readonly stored: StoredBlock | undefined
}

/** A run of the log, as its places truly are. */
export interface ScannedRun {
  readonly places: readonly PlaceFound[]
  readonly strays: readonly Stray[]
  /** Keys of the log and of ids whose values are not what was written under them; with the first run. */
  readonly foreign: readonly Uint8Array[]
  /** Other findings than those of the places. */
  readonly findings: readonly string[]
}

interface LogEnd {
  readonly end: number
  readonly foreign: readonly Uint8Array[]
}

/** Where the log ends, by itself and by the state; and keys behind that, which bits of others became. */
async function endOfLog(storage: KeyValueStorage): Promise<LogEnd> {
  const foreign: Uint8Array[] = []
  const { seq } = decodeStateOr(await storage.get(stateKey()), new Uint8Array(16))
  for await (const [key, value] of storage.range({ ...spaceRange('log'), reverse: true })) {
    const number = runNumber(key)
    const run = attempt(() => LogRun.read(number, value))
    if (run.ok) return { end: Math.max(seq, firstOf(number) + run.value.length - 1), foreign }
    // The damaged value of a run that there is stays to be named.
    if (firstOf(number) > seq) foreign.push(key)
  }
  return { end: seq, foreign }
}

const runNumber = (key: Uint8Array) => (key.length === 7 ? readUint48(key, 1) : Number.MAX_SAFE_INTEGER)

/** The last place of the log that is known without the ids. */
export async function lastPlace(storage: KeyValueStorage): Promise<number> {
  return (await endOfLog(storage)).end
}

/**
 * Every place of the log in order, judged by what the records are. One run of 64 at a time, which then may be rewritten.
 * A block has one place: the one that its id names, or else the first; what else has it is a stray.
 */
export async function* scanPlaces(storage: KeyValueStorage, signal?: AbortSignal): AsyncGenerator<ScannedRun> {
  const { end: logged, foreign } = await endOfLog(storage)
  const ids = await IdTable.read(storage)
  const end = Math.max(logged, ids.end)
  const lonely = new Set<string>()
  let begun = { foreign: [...foreign, ...ids.damaged], findings: ids.damaged.length > 0 ? ['ids'] : [] }
  for (let run = 0; firstOf(run) <= end; run++) {
    throwIfAborted(signal)
    const { parts, findings } = await readRun(storage, ids, run, end)
    const { places, strays } = await judgeRun(storage, parts, lonely)
    findings.push(...begun.findings, ...strays.map(({ key }) => `records.${readUint48(key, 1)}`))
    yield { places, strays, findings, foreign: begun.foreign }
    begun = { foreign: [], findings: [] }
  }
  const strays = await beyond(storage, end)
  const findings = [...begun.findings, ...strays.map(() => 'records')]
  yield { places: [], strays, findings, foreign: begun.foreign }
}

async function readRun(storage: KeyValueStorage, ids: IdTable, run: number, end: number) {
  const value = await storage.get(logRunKey(run))
  const log = value && attempt(() => LogRun.read(run, value))
  const records = new Map<number, Uint8Array>()
  const range = { gte: recordKey(firstOf(run)), lt: recordKey(firstOf(run + 1)) }
  for await (const [key, record] of storage.range(range)) if (key.length === 7) records.set(readUint48(key, 1), record)
  const parts: PlaceParts[] = []
  for (let seq = firstOf(run); seq <= Math.min(end, firstOf(run) + RUN_ENTRIES - 1); seq++) {
    const logged = log?.ok ? (log.value.has(seq) ? log.value.at(seq) : undefined) : ('damaged' as const)
    parts.push({ seq, record: records.get(seq), known: ids.at(seq), logged })
  }
  return { parts, findings: log?.ok ? [] : [`log.${firstOf(run)}`] }
}

/** `lonely`: digests of blocks, met so far, whose ids do not lead to them. */
async function judgeRun(storage: KeyValueStorage, parts: readonly PlaceParts[], lonely: Set<string>) {
  const read = parts.map(part => ({ part, ...readPlace(part) }))
  const doubles = await placesLeft(storage, read)
  const alone = read.filter(({ part, digest }) => digest && !(part.known && equal(part.known.digest, digest)))
  const values = await storage.getMany(alone.map(({ digest }) => idKey(digest!)))
  for (const [i, { part, digest, isForeign }] of alone.entries()) {
    const entry = attempt(() => decodeIdEntry(digest!, values[i]))
    const name = Cid.textOf(digest!)
    if ((entry.ok && entry.value && entry.value.seq !== part.seq) || lonely.has(name)) doubles.add(part.seq)
    else if (!isForeign) lonely.add(name)
  }
  const strays: Stray[] = []
  const places = read.map(({ part, content, isForeign }) => {
    const isDouble = doubles.has(part.seq)
    if (content && !isForeign && !isDouble) return compared(part, content)
    const place = compared(part, withoutRecord(part, isDouble && !isForeign))
    const isRest = part.record && (content || place.arrival.state === 'erased')
    if (isRest) strays.push({ key: recordKey(part.seq), stored: content?.stored })
    return place
  })
  return { places, strays }
}

type Read = ReturnType<typeof readPlace> & { readonly part: PlaceParts }

/** Places without a record whose blocks were stored again, at other places, while nothing told of them. */
async function placesLeft(storage: KeyValueStorage, read: readonly Read[]): Promise<Set<number>> {
  const left = read.flatMap(({ part: { seq, known, logged }, digest }) => {
    const isTold = digest !== undefined || known !== undefined || logged === undefined || logged === 'damaged'
    return isTold || logged.state === 'erased' ? [] : [{ seq, digest: logged.digest }]
  })
  const values = await storage.getMany(left.map(({ digest }) => idKey(digest)))
  const isElsewhere = ({ seq, digest }: (typeof left)[number], i: number) => {
    const entry = attempt(() => decodeIdEntry(digest, values[i]))
    return entry.ok && entry.value !== undefined && entry.value.seq !== seq
  }
  return new Set(left.filter(isElsewhere).map(({ seq }) => seq))
}

/** `isForeign`: another block's than the one of this place. */
function readPlace(part: PlaceParts) {
  const own = contentOf(part)
  if (own) return { content: own, digest: own.arrival.digest, isForeign: false }
  const stored = part.record && rehash(part.record)
  const cid = stored && Cid.parse(stored.block.id)
  if (!cid?.ok) return { content: undefined, digest: undefined, isForeign: false }
  const { digest } = cid.value
  const isForeign = part.known !== undefined || (part.logged !== 'damaged' && part.logged !== undefined)
  return { content: heldAs(stored!, digest), digest, isForeign }
}

/** Records behind the end of the log. */
async function beyond(storage: KeyValueStorage, end: number): Promise<Stray[]> {
  const strays: Stray[] = []
  const { lt } = spaceRange('record')
  for await (const [key, record] of storage.range({ gte: recordKey(end + 1), lt })) {
    strays.push({ key, stored: rehash(record) })
  }
  return strays
}
