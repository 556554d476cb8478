import { random } from '#platform'
import { Bitmap } from './bitmap'
import { IdTable } from './id-table'

/** Which block each row belongs to. Rows that are given up are numbered again once nothing refers to them. */
export class RowTable {
  readonly #ids: (string | undefined)[] = []
  readonly #rows = new IdTable(seed(), row => this.#ids[row])
  readonly #free: number[] = []
  readonly live = new Bitmap()
  /** Given up, but perhaps still named by postings or by a search under way. */
  #dead = new Bitmap()

  get size(): number {
    return this.#rows.size
  }

  /** One more than the highest row ever given or reserved. */
  get span(): number {
    return this.#ids.length
  }

  /** Rows given up that nobody has taken (`takeDead`). */
  get deadCount(): number {
    return this.#dead.count
  }

  has(id: string): boolean {
    return this.#rows.get(id) !== undefined
  }

  rowOf(id: string): number | undefined {
    return this.#rows.get(id)
  }

  /** `undefined` for a row that was given up. */
  idOf(row: number): string | undefined {
    return this.#ids[row]
  }

  add(id: string): number {
    const row = this.#free.pop() ?? this.#ids.length
    this.place(row, id)
    return row
  }

  /** Keeps the rows below `span` for those that had them before: `place` gives each to its block, or `leave` to anyone. */
  reserve(span: number): void {
    while (this.#ids.length < span) this.#ids.push(undefined)
  }

  /** A row that is reserved or was given up, and that nobody refers to. */
  leave(row: number): void {
    this.#free.push(row)
  }

  /** Answers the row, `undefined` when there was none. */
  giveUp(id: string): number | undefined {
    const row = this.#rows.delete(id)
    if (row === undefined) return undefined
    this.#ids[row] = undefined
    this.live.delete(row)
    this.#dead.add(row)
    return row
  }

  /** The rows that were given up since the last call; whoever takes them gives each to anyone with `leave`, once nothing refers to it. */
  takeDead(): Bitmap {
    const dead = this.#dead
    this.#dead = new Bitmap()
    return dead
  }

  place(row: number, id: string): void {
    this.#ids[row] = id
    this.#rows.add(id, row)
    this.live.add(row)
  }
}

function seed(): number {
  return new Int32Array(random.bytes(4).slice().buffer)[0]!
}
