import { attempt, BoundedMap, CosmicError } from '../base/index'
import { CHAIN_BYTES } from './chain'
import { decodeIdEntry } from './id-entry'
import { digestOf } from './digest-of'
import { rehash } from './judge-place'
import type { KeyValueStorage } from './key-value-storage'
import { idKey, logRunKey, recordKey } from './layout'
import { LogRun, runOf } from './log-run'
import { isOfLog, type LogMark } from './page-cursor'

/** Runs that are remembered: of 2.9 kB each, 48 bytes a block. */
const REMEMBERED_RUNS = 16_384

/** A digest is read without the log. */
export interface Spared {
  /** The first bytes of the digest of the place with this index. */
  prefixOf(index: number): Uint8Array
  /** Told of each run that is damaged, as `storage` with the field `log.<seq>`. */
  onDamage(error: CosmicError): void
}

/**
 * Reads digests by their place in the log, and remembers the runs they stand in: a place's digest never changes, a run only
 * grows. States are not read from here.
 */
export class LogReader {
  readonly #storage: KeyValueStorage
  readonly #runs = new BoundedMap<LogRun>(REMEMBERED_RUNS)

  constructor(storage: KeyValueStorage) {
    this.#storage = storage
  }

  /** In the order of `seqs`, which the log has. Throws `storage` with the field `log.<seq>` where it is damaged. */
  async digests(seqs: readonly number[]): Promise<Uint8Array[]> {
    const runs = await this.#load(seqs, error => {
      throw error
    })
    return seqs.map(seq => this.#digest(seq, runs) ?? raise(seq))
  }

  /** The same where the log may be damaged: then ids and records tell them, as far as they can. */
  async digestsOr(seqs: readonly number[], spared: Spared): Promise<(Uint8Array | undefined)[]> {
    const runs = await this.#load(seqs, error => spared.onDamage(error))
    const found = seqs.map(seq => this.#digest(seq, runs))
    for (const [i, seq] of seqs.entries()) found[i] ??= await this.#spare(seq, spared.prefixOf(i))
    return found
  }

  /** Whether the log of this state has what a cursor says of it; of a part that is damaged, yes. */
  async hasMark(mark: LogMark, { seq, chain }: LogMark): Promise<boolean> {
    if (mark.seq >= seq) return mark.seq === seq && isOfLog(mark, chain)
    if (mark.seq === 0) return isOfLog(mark, new Uint8Array(CHAIN_BYTES))
    const number = runOf(mark.seq)
    const read = await this.#load([mark.seq], () => undefined)
    const run = read.get(number) ?? this.#runs.get(`${number}`)
    return !run?.has(mark.seq) || isOfLog(mark, run.chainAt(mark.seq))
  }

  /** As they are stored now. */
  async runs(numbers: readonly number[]): Promise<Map<number, LogRun>> {
    const values = await this.#storage.getMany(numbers.map(logRunKey))
    return new Map(numbers.map((run, i) => [run, LogRun.read(run, values[i] ?? NOTHING)]))
  }

  clear(): void {
    this.#runs.clear()
  }

  #digest(seq: number, read: ReadonlyMap<number, LogRun>): Uint8Array | undefined {
    const run = read.get(runOf(seq)) ?? this.#runs.get(`${runOf(seq)}`)
    return run?.has(seq) ? run.digest(seq) : undefined
  }

  /** The runs of these that are not remembered. */
  async #load(seqs: readonly number[], onDamage: (error: CosmicError) => void): Promise<Map<number, LogRun>> {
    const missing = new Set<number>()
    for (const seq of seqs) if (!this.#runs.get(`${runOf(seq)}`)?.has(seq)) missing.add(runOf(seq))
    const read = new Map<number, LogRun>()
    if (missing.size === 0) return read
    const values = await this.#storage.getMany([...missing].map(logRunKey))
    for (const [i, number] of [...missing].entries()) {
      const run = attempt(() => LogRun.read(number, values[i] ?? NOTHING))
      if (!run.ok) {
        onDamage(new CosmicError(run.error))
        continue
      }
      read.set(number, run.value)
      this.#runs.set(`${number}`, run.value)
    }
    return read
  }

  /** By the id that leads to this place, else by the record. */
  async #spare(seq: number, prefix: Uint8Array): Promise<Uint8Array | undefined> {
    const gte = idKey(prefix)
    for await (const [key, value] of this.#storage.range({ gte, lt: after(gte) })) {
      const digest = key.subarray(1)
      const entry = attempt(() => decodeIdEntry(digest, value))
      if (entry.ok && entry.value?.seq === seq) return digest
    }
    const record = await this.#storage.get(recordKey(seq))
    const stored = record && rehash(record)
    return stored && digestOf(stored.block.id)
  }
}

const NOTHING = new Uint8Array(0)

function raise(seq: number): never {
  throw new CosmicError({ code: 'storage', field: `log.${seq}`, hint: 'repair the store' })
}

/** Behind every key that begins so; an id's key begins with a letter. */
function after(key: Uint8Array): Uint8Array {
  const end = key.slice()
  let at = end.length - 1
  while (end[at] === 0xff) at--
  end[at]! += 1
  return end.subarray(0, at + 1)
}
