import { BoundedMap } from '../base/index'
import type { KeyValueStorage } from './key-value-storage'
import { logRunKey } from './layout'
import { LogRun, runOf } from './log-run'

/** Runs that are remembered: of 2.9 kB each, 48 bytes a block. */
const REMEMBERED_RUNS = 16_384

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
    const missing = new Set<number>()
    for (const seq of seqs) if (!this.#runs.get(`${runOf(seq)}`)?.has(seq)) missing.add(runOf(seq))
    const read = missing.size > 0 ? await this.runs([...missing]) : new Map<number, LogRun>()
    for (const [number, run] of read) this.#runs.set(`${number}`, run)
    return seqs.map(seq => (read.get(runOf(seq)) ?? this.#runs.get(`${runOf(seq)}`)!).digest(seq))
  }

  /** As they are stored now. */
  async runs(numbers: readonly number[]): Promise<Map<number, LogRun>> {
    const values = await this.#storage.getMany(numbers.map(logRunKey))
    return new Map(numbers.map((run, i) => [run, LogRun.read(run, values[i] ?? new Uint8Array(0))]))
  }

  clear(): void {
    this.#runs.clear()
  }
}
