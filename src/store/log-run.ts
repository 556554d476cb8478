import { concat } from '../base/index'
import { CHAIN_BYTES, nextChain } from './chain'
import { type BlockState, stateCode, stateOf } from './id-entry'
import { logRunKey } from './layout'
import { SUM_BYTES, checkSum, sum } from './summed'
import { readUint48, UINT48_MAX, writeUint48 } from './uint48'

/** Entries of a run: places `64 r + 1` to `64 r + 64`. */
export const RUN_ENTRIES = 64
const DIGEST_BYTES = 32
const HEAD_BYTES = SUM_BYTES + CHAIN_BYTES
const ENTRY_BYTES = 13 + DIGEST_BYTES

export const runOf = (seq: number): number => Math.floor((seq - 1) / RUN_ENTRIES)
export const firstOf = (run: number): number => run * RUN_ENTRIES + 1

/** One entry of the log; `expires` is 0 for what does not. */
export interface Arrival {
  readonly digest: Uint8Array
  readonly time: number
  readonly expires: number
  readonly state: BlockState
}

/** What becomes of an entry. */
export type Mark = Pick<Arrival, 'state'>

/**
 * A run of the arrival log: CRC-32, the chain before its first entry, and entries of a state (1 byte), time, expiry (6
 * bytes each) and digest.
 */
export class LogRun {
  readonly #bytes: Uint8Array

  private constructor(
    readonly run: number,
    bytes: Uint8Array,
    /** Entries that are there. */
    readonly length: number,
  ) {
    this.#bytes = bytes
  }

  static empty(run: number, chain: Uint8Array): LogRun {
    const bytes = new Uint8Array(HEAD_BYTES)
    bytes.set(chain, SUM_BYTES)
    return new LogRun(run, bytes, 0)
  }

  /** Throws `storage` with the field `log.<seq>` of its first entry when it is not what was written. */
  static read(run: number, value: Uint8Array): LogRun {
    checkSum(value, logRunKey(run), `log.${firstOf(run)}`)
    return new LogRun(run, value, (value.length - HEAD_BYTES) / ENTRY_BYTES)
  }

  /** With more entries at its end, up to a full run. */
  append(arrivals: readonly Arrival[]): LogRun {
    const added = arrivals.slice(0, RUN_ENTRIES - this.length)
    const bytes = concat(this.#bytes, new Uint8Array(added.length * ENTRY_BYTES))
    added.forEach(({ digest, time, expires, state }, i) => {
      const at = HEAD_BYTES + (this.length + i) * ENTRY_BYTES
      bytes[at] = stateCode(state)
      writeUint48(bytes, at + 1, time)
      writeUint48(bytes, at + 7, Math.min(expires, UINT48_MAX))
      bytes.set(digest, at + 13)
    })
    return new LogRun(this.run, bytes, this.length + added.length)
  }

  /** With another state at a place that it has. */
  mark(seq: number, { state }: Mark): LogRun {
    const bytes = this.#bytes.slice()
    bytes[this.#at(seq)] = stateCode(state)
    return new LogRun(this.run, bytes, this.length)
  }

  has(seq: number): boolean {
    return seq >= firstOf(this.run) && seq < firstOf(this.run) + this.length
  }

  at(seq: number): Arrival {
    const at = this.#at(seq)
    const bytes = this.#bytes
    return {
      digest: this.digest(seq),
      time: readUint48(bytes, at + 1),
      expires: readUint48(bytes, at + 7),
      state: stateOf(bytes[at]!) ?? 'lost',
    }
  }

  digest(seq: number): Uint8Array {
    const at = this.#at(seq) + 13
    return this.#bytes.subarray(at, at + DIGEST_BYTES)
  }

  /** The chain over all ids up to a place that it has, or up to the one before it. */
  chainAt(seq: number): Uint8Array {
    let chain: Uint8Array = this.#bytes.slice(SUM_BYTES, HEAD_BYTES)
    for (let i = firstOf(this.run); i <= seq; i++) chain = nextChain(chain, this.digest(i))
    return chain
  }

  encode(): Uint8Array {
    return sum(this.#bytes, logRunKey(this.run))
  }

  #at(seq: number): number {
    return HEAD_BYTES + (seq - firstOf(this.run)) * ENTRY_BYTES
  }
}
