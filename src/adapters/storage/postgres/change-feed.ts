import { Emitter } from '../../../base/index'
import type { ErasedBlock, StoreChange, StoredBlock } from '../../../store/index'
import { idOf } from './block-terms'
import type { Database } from './database'
import { type Head, readHead } from './head'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'

/** Lines of log and changes that are read at once. */
const PAGE = 500

/** How far log and changes have been told. */
export interface FeedPlace {
  readonly seq: number
  readonly change: number
}

export const placeOf = ({ seq, change }: Head): FeedPlace => ({ seq, change })

/**
 * Tells every change in the order of commits: this process' own at once, those of others as they are read from log and
 * changes. Invariant: own writes and reading take turns, so `#place` is a place between two transactions.
 */
export class ChangeFeed {
  readonly #db: Database
  readonly #tables: Tables
  readonly #events = new Emitter<{ change: StoreChange }>()
  readonly #onDamage: (error: unknown) => void
  readonly #onBehind: () => void
  #place: FeedPlace

  /** `onBehind`: something could not be read, `catchUp` is to be called again. */
  constructor(
    db: Database,
    tables: Tables,
    place: FeedPlace,
    onDamage: (error: unknown) => void,
    onBehind: () => void,
  ) {
    this.#db = db
    this.#tables = tables
    this.#place = place
    this.#onDamage = onDamage
    this.#onBehind = onBehind
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    return this.#events.on('change', listener)
  }

  close(): void {
    this.#events.clear()
  }

  /**
   * Own changes, after those of others before them. Where these cannot be read now, all of them are told later, in their
   * order: the place stays. Only of what was lost no line tells, so that is told at once.
   */
  async announce(before: FeedPlace, after: FeedPlace, change: StoreChange): Promise<void> {
    const missed = before.seq > this.#place.seq || before.change > this.#place.change
    try {
      if (missed) await this.#readTo(before)
    } catch (error) {
      this.#onDamage(error)
      this.#onBehind()
      return this.#emit({ added: [], judged: [], erased: [], lost: change.lost ?? [] })
    }
    this.#place = after
    this.#emit(change)
  }

  /** What others changed since. */
  async catchUp(): Promise<void> {
    try {
      await this.#readTo(undefined)
    } catch (error) {
      this.#onBehind()
      throw error
    }
  }

  async #readTo(end: FeedPlace | undefined): Promise<void> {
    for (;;) {
      const { change, place, last } = await this.#page(end)
      this.#place = place
      this.#emit(change)
      if (last) return
    }
  }

  /** One state: what is added and erased again within it was never here. */
  #page(end: FeedPlace | undefined): Promise<{ change: StoreChange; place: FeedPlace; last: boolean }> {
    const { block, log, change } = this.#tables
    const from = this.#place
    return this.#db.read(async transaction => {
      const to = end ?? placeOf(await readHead(transaction, this.#tables))
      const place = { seq: Math.min(to.seq, from.seq + PAGE), change: Math.min(to.change, from.change + PAGE) }
      const added = await transaction.query(
        `SELECT ${storedColumns(this.#tables)} FROM ${log} l JOIN ${block} b ON b.seq = l.seq
          WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq`,
        [from.seq, place.seq],
      )
      const changes = await transaction.query(
        `SELECT DISTINCT ON (c.digest) c.no, c.digest AS of, c.time AS at, c.kind, c.author, c.reason, ${storedColumns(this.#tables)}
           FROM ${change} c LEFT JOIN ${block} b ON b.digest = c.digest
          WHERE c.no > $1 AND c.no <= $2 ORDER BY c.digest, c.no DESC`,
        [from.change, place.change],
      )
      const fresh = new Set(added.map(({ seq }) => seq))
      changes.sort((a, b) => Number(a.no) - Number(b.no))
      const judged = changes.filter(({ seq }) => seq !== null && !fresh.has(seq))
      const erased = changes.filter(({ seq, reason }) => seq === null && reason !== null)
      return {
        change: { added: this.#blocks(added), judged: this.#blocks(judged), erased: erased.map(erasedOf) },
        place,
        last: place.seq === to.seq && place.change === to.change,
      }
    })
  }

  #blocks(rows: readonly Parameters<typeof storedOf>[0][]): StoredBlock[] {
    return rows.flatMap(row => {
      try {
        return [storedOf(row)]
      } catch (error) {
        this.#onDamage(error)
        return []
      }
    })
  }

  #emit(change: StoreChange): void {
    const { added, judged, erased, lost = [] } = change
    if (added.length + judged.length + erased.length + lost.length > 0) this.#events.emit('change', change)
  }
}

function erasedOf(row: Parameters<typeof storedOf>[0]): ErasedBlock {
  const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array)
  const { of, at, kind, author, reason } = row
  return {
    id: idOf(of as Uint8Array),
    time: Number(at),
    kind: text(kind),
    author: text(author),
    reason: reason as ErasedBlock['reason'],
  }
}
