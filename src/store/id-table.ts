import { attempt } from '../base/index'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { spaceRange } from './layout'

const DIGEST_BYTES = 32

/** What the table of ids says of a place. */
export interface KnownPlace {
  readonly entry: IdEntry
  readonly digest: Uint8Array
}

/** What the ids say, by place: 8 + 40 bytes a block. */
export class IdTable {
  readonly #entries: (IdEntry | undefined)[] = []
  #digests = new Uint8Array(DIGEST_BYTES * 1024)
  /** Keys whose values are not what was written under them. */
  readonly damaged: Uint8Array[] = []

  static async read(storage: KeyValueStorage): Promise<IdTable> {
    const table = new IdTable()
    for await (const [key, value] of storage.range(spaceRange('id'))) table.#add(key, value)
    return table
  }

  /** The last place that an id leads to. Values are bound to their keys by sums, so that it is one that was given. */
  get end(): number {
    return Math.max(0, this.#entries.length - 1)
  }

  at(seq: number): KnownPlace | undefined {
    const entry = this.#entries[seq]
    return entry && { entry, digest: this.#digests.subarray(seq * DIGEST_BYTES, (seq + 1) * DIGEST_BYTES) }
  }

  #add(key: Uint8Array, value: Uint8Array): void {
    const digest = key.subarray(1)
    const read = attempt(() => decodeIdEntry(digest, value))
    const entry = read.ok && digest.length === DIGEST_BYTES ? read.value : undefined
    if (entry === undefined || entry.seq < 1) {
      this.damaged.push(key)
      return
    }
    this.#entries[entry.seq] = entry
    this.#room(entry.seq)
    this.#digests.set(digest, entry.seq * DIGEST_BYTES)
  }

  #room(seq: number): void {
    const needed = (seq + 1) * DIGEST_BYTES
    if (needed <= this.#digests.length) return
    const grown = new Uint8Array(Math.max(needed, this.#digests.length * 2))
    grown.set(this.#digests)
    this.#digests = grown
  }
}
