import { Bitmap } from './bitmap'

/** A list of so few rows stays one however far apart they lie. */
const SHORT = 16

/** The rows of one term: a list while that takes less room than a bit for every row, so that a term of one block costs little. */
export class Posting {
  #list: number[] | undefined = []
  #bitmap = new Bitmap()

  get count(): number {
    return this.#list?.length ?? this.#bitmap.count
  }

  /** Steps that `remove` takes. */
  get work(): number {
    return this.#list?.length ?? this.#bitmap.words.length
  }

  /** A row that is not in it. */
  add(row: number): void {
    if (!this.#list) return this.#bitmap.add(row)
    this.#list.push(row)
    if (this.#list.length > SHORT && 32 * this.#list.length > row) {
      this.#list.forEach(each => this.#bitmap.add(each))
      this.#list = undefined
    }
  }

  remove(rows: Bitmap): void {
    if (this.#list) this.#list = this.#list.filter(row => !rows.has(row))
    else this.#bitmap.remove(rows)
  }

  /** Those of some rows that are in it. */
  and(rows: Bitmap): Bitmap {
    if (!this.#list) return this.#bitmap.and(rows)
    const out = new Bitmap()
    for (const row of this.#list) if (rows.has(row)) out.add(row)
    return out
  }
}
