/** Characters from the end of an id that tell it from others: sixty bits of a digest. */
const TAIL = 12
const SMALLEST = 16
const EMPTY = 0
const GONE = -1

/**
 * Which row an id has: open addressing over whole numbers, so that an id that is not there costs one place in memory to find out.
 * A `Map` of strings looks at every string that shares a bucket, each somewhere else.
 *
 * 1. A slot has the hash of an id and its row plus one, or is empty, or its id has gone: what lies behind it is still looked for there.
 * 2. At most half of the slots are not empty.
 */
export class IdTable {
  readonly #seed: number
  readonly #idOf: (row: number) => string | undefined
  #slots = new Int32Array(2 * SMALLEST)
  #used = 0
  #size = 0
  /** Asked for last: who adds has asked before. */
  #id: string | undefined
  #hash = 0

  /** `seed`: of a table's own, so that nobody else can make ids that share a place. `idOf`: as they were added. */
  constructor(seed: number, idOf: (row: number) => string | undefined) {
    this.#seed = seed
    this.#idOf = idOf
  }

  get size(): number {
    return this.#size
  }

  get(id: string): number | undefined {
    const slot = this.#find(id)
    return slot < 0 ? undefined : this.#slots[slot + 1]! - 1
  }

  /** An id that is not there; `idOf` need not know it yet. */
  add(id: string, row: number): void {
    if (4 * this.#used >= this.#slots.length) this.#rebuild()
    place(this.#slots, this.#hashOf(id), row)
    this.#used++
    this.#size++
  }

  /** While `idOf` knows it still; answers its row. */
  delete(id: string): number | undefined {
    const slot = this.#find(id)
    if (slot < 0) return undefined
    const row = this.#slots[slot + 1]! - 1
    this.#slots[slot + 1] = GONE
    this.#size--
    return row
  }

  #find(id: string): number {
    const hash = this.#hashOf(id)
    const slots = this.#slots
    const last = slots.length - 1
    for (let slot = firstOf(hash, last); ; slot = (slot + 2) & last) {
      const row = slots[slot + 1]!
      if (row === EMPTY) return -1
      if (row !== GONE && slots[slot] === hash && this.#idOf(row - 1) === id) return slot
    }
  }

  #hashOf(id: string): number {
    if (id === this.#id) return this.#hash
    let hash = this.#seed ^ id.length
    for (let i = Math.max(0, id.length - TAIL); i < id.length; i++)
      hash = Math.imul(hash ^ id.charCodeAt(i), 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
    this.#id = id
    return (this.#hash = hash ^ (hash >>> 13))
  }

  /** For as many again as there are: those that have gone take no room. */
  #rebuild(): void {
    let length = 2 * SMALLEST
    while (length < 8 * (this.#size + 1)) length *= 2
    const before = this.#slots
    this.#slots = new Int32Array(length)
    this.#used = this.#size
    for (let slot = 0; slot < before.length; slot += 2)
      if (before[slot + 1]! > 0) place(this.#slots, before[slot]!, before[slot + 1]! - 1)
  }
}

function firstOf(hash: number, last: number): number {
  return (hash << 1) & last
}

function place(slots: Int32Array, hash: number, row: number): void {
  const last = slots.length - 1
  let slot = firstOf(hash, last)
  while (slots[slot + 1] !== EMPTY) slot = (slot + 2) & last
  slots[slot] = hash
  slots[slot + 1] = row + 1
}
