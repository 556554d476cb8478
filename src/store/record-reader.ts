import { attempt, CosmicError, mapList } from '../base/index'
import type { BlockCache } from './block-cache'
import type { StoredBlock } from './block-store'
import { digestOf } from './digest-of'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { IndexGuard } from './index-guard'
import type { KeyValueStorage } from './key-value-storage'
import { idKey, recordKey } from './layout'
import type { Found } from './query-walk'
import { damaged, envelopeIn, isIntact, readRecord } from './record'

const NOTHING = new Uint8Array(0)

export interface RecordParts {
  readonly storage: KeyValueStorage
  readonly cache: BlockCache
  readonly onDamage: ((error: CosmicError) => void) | undefined
  /** A record was found damaged, or gone. */
  readonly onSuspect: (id: string) => void
  readonly indexes: Pick<IndexGuard, 'byId' | 'isBeyond'>
}

/** Reads blocks by id and by place. What is damaged is as good as absent to whoever asks for more than exactly that. */
export class RecordReader {
  readonly #parts: RecordParts

  constructor(parts: RecordParts) {
    this.#parts = parts
  }

  async get(id: string): Promise<StoredBlock | undefined> {
    return this.#parts.cache.get(id) ?? this.#parts.indexes.byId(() => this.#get(id))
  }

  async #get(id: string): Promise<StoredBlock | undefined> {
    const { cache, storage } = this.#parts
    const digest = digestOf(id)
    const { version } = cache
    const [entry] = await this.#entries([digest])
    if (entry?.state === 'lost') throw damaged(id)
    if (entry?.state !== 'held') return undefined
    const record = await storage.get(recordKey(entry.seq))
    if (record === undefined) {
      const [now] = await this.#entries([digest])
      if (now?.state !== 'held') return undefined
      // It was mended meanwhile.
      if (now.seq !== entry.seq) return this.#get(id)
    }
    const stored = this.#read({ id, digest: digest! }, record)
    cache.set(stored, version)
    return stored
  }

  getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    return this.#parts.indexes.byId(() => this.#getMany(ids))
  }

  async #getMany(ids: readonly string[]): Promise<(StoredBlock | undefined)[]> {
    const { cache } = this.#parts
    const cached = mapList(ids, id => cache.get(id))
    const missing = ids.flatMap((id, i) => {
      const digest = cached[i] ? undefined : digestOf(id)
      return digest ? [{ id, digest }] : []
    })
    if (missing.length === 0) return cached
    const entries = await this.#entries(missing.map(({ digest }) => digest))
    const held = missing.flatMap((each, i) => (entries[i]?.state === 'held' ? [{ ...each, seq: entries[i].seq }] : []))
    const read = new Map((await this.blocks(held)).flatMap(stored => (stored ? [[stored.block.id, stored]] : [])))
    return mapList(ids, (id, i) => cached[i] ?? read.get(id))
  }

  async has(ids: readonly string[]): Promise<boolean[]> {
    return (await this.envelopes(ids)).map(envelope => envelope !== undefined)
  }

  envelopes(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#parts.indexes.byId(() => this.#envelopes(ids))
  }

  async #envelopes(ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const digests = mapList(ids, digestOf)
    const entries = await this.#entries(digests)
    const held = entries.flatMap((entry, i) => (entry?.state === 'held' ? [i] : []))
    const records = await this.#parts.storage.getMany(held.map(i => recordKey(entries[i]!.seq)))
    const found = new Map<number, Uint8Array>()
    for (const [n, i] of held.entries()) {
      const record = records[n]
      if (record && isIntact(record, digests[i]!)) found.set(i, envelopeIn(record))
      else this.#parts.onSuspect(ids[i]!)
    }
    return ids.map((_, i) => found.get(i))
  }

  /** In the order of these; `undefined` for what is damaged, or was erased meanwhile. */
  async blocks(found: readonly Omit<Found, 'time'>[]): Promise<(StoredBlock | undefined)[]> {
    const { cache, storage } = this.#parts
    const { version } = cache
    const cached = found.map(({ id }) => cache.get(id))
    const missing = found.filter((_, i) => !cached[i])
    if (missing.length === 0) return cached
    const records = await storage.getMany(missing.map(({ seq }) => recordKey(seq)))
    const erased = await this.#erasedMeanwhile(missing, records)
    let next = 0
    return found.map((each, i) => {
      if (cached[i]) return cached[i]
      const record = records[next++]
      if (erased.has(each.id)) return undefined
      const stored = this.#passOver(() => this.#read(each, record))
      if (stored) cache.set(stored, version)
      return stored
    })
  }

  /** Of an index: thrown where it may be made anew. */
  orNothing<T>(read: () => T): T | undefined {
    return this.#parts.indexes.isBeyond ? this.#passOver(read) : read()
  }

  async #entries(digests: readonly (Uint8Array | undefined)[]): Promise<(IdEntry | undefined)[]> {
    const found = await this.#parts.storage.getMany(digests.flatMap(digest => (digest ? [idKey(digest)] : [])))
    let next = 0
    return mapList(digests, digest => {
      const value = digest && found[next++]
      return value && this.orNothing(() => decodeIdEntry(digest, value))
    })
  }

  /** A record that is not there was erased after it was found, unless its id still says that it is held. */
  async #erasedMeanwhile(
    found: readonly Omit<Found, 'time'>[],
    records: readonly (Uint8Array | undefined)[],
  ): Promise<ReadonlySet<string>> {
    const gone = found.filter((_, i) => records[i] === undefined)
    if (gone.length === 0) return new Set()
    const entries = await this.#entries(gone.map(({ digest }) => digest))
    return new Set(
      gone.flatMap(({ id, seq }, i) => (entries[i]?.state === 'held' && entries[i].seq === seq ? [] : [id])),
    )
  }

  #read({ id, digest }: Pick<Found, 'id' | 'digest'>, record: Uint8Array | undefined): StoredBlock {
    const read = attempt(() => readRecord(id, digest, record ?? NOTHING))
    if (read.ok) return read.value
    this.#parts.onSuspect(id)
    throw new CosmicError(read.error)
  }

  #passOver<T>(read: () => T): T | undefined {
    const result = attempt(read)
    if (result.ok) return result.value
    this.#parts.onDamage?.(new CosmicError(result.error))
    return undefined
  }
}
