import { ID_AT, ID_WORDS, ITEM_WORDS } from './item-words'

/** Bytes of a cell on the wire: count (2), time (6), id (32) and checksum (4). */
export const CELL_BYTES = 44

/** Words of a cell: those of an item, checksum, count. */
const CELL_WORDS = ITEM_WORDS + 2
const CHECKSUM = ITEM_WORDS
const COUNT = ITEM_WORDS + 1

/**
 * The first cells of the endless sequence that codes a set of items (Yang, Gilad and Alizadeh 2024, "Practical Rateless Set
 * Reconciliation"; docs/spec/sync.md, "Small differences"). The cells of two sets, one taken from the other, code what
 * differs, and some 1.4 cells for each item that does are enough to read it.
 *
 * 1. Each item is in cell 0, and in ever fewer later ones, by places that derive from the item alone.
 * 2. A cell holds the XOR of its items' words and checksums, and their number modulo 2¹⁶.
 */
export class CodedCells {
  readonly count: number
  /** What the cells are, as plain data. */
  readonly words: Uint32Array

  /** So many empty cells, or those whose `words` are given. */
  constructor(cells: number | Uint32Array) {
    this.words = typeof cells === 'number' ? new Uint32Array(cells * CELL_WORDS) : cells
    this.count = this.words.length / CELL_WORDS
  }

  /** Adds an item (`by` 1) or takes it out (`by` −1). Its cells are appended to `touched`. */
  toggle(item: Uint32Array, by: 1 | -1, touched?: number[]): void {
    const cells = this.words
    const checksum = checksumOf(item)
    let cell = 0
    for (let turn = 1; cell < this.count; turn++) {
      const base = cell * CELL_WORDS
      for (let word = 0; word < ITEM_WORDS; word++) cells[base + word]! ^= item[word]!
      cells[base + CHECKSUM]! ^= checksum
      cells[base + COUNT]! += by
      touched?.push(cell)
      const draw = mix((checksum + Math.imul(turn, TURN)) ^ item[ID_AT + (turn % ID_WORDS)]!)
      cell += Math.max(1, Math.ceil((cell + 1.5) * (65_536 / Math.sqrt(draw + 1) - 1)))
    }
  }

  /** A copy of the first `count` cells. */
  first(count = this.count): CodedCells {
    return new CodedCells(this.words.slice(0, count * CELL_WORDS))
  }

  /** How many more items the cell has than its counterpart of the other set, of a difference; the nearest such number. */
  excess(cell: number): number {
    return (this.words[cell * CELL_WORDS + COUNT]! << 16) >> 16
  }

  /** Turns own cells from `from` on into what their counterparts on the wire have more. */
  takeFrom(wire: Uint8Array, from: number): void {
    const view = new DataView(wire.buffer, wire.byteOffset, wire.length)
    for (let at = 0, base = from * CELL_WORDS; at < wire.length; at += CELL_BYTES, base += CELL_WORDS) {
      const words = this.words
      words[base + COUNT] = view.getUint16(at) - words[base + COUNT]!
      words[base]! ^= view.getUint16(at + 2)
      words[base + 1]! ^= view.getUint32(at + 4)
      for (let word = 0; word < ID_WORDS; word++) words[base + ID_AT + word]! ^= view.getUint32(at + 8 + 4 * word, true)
      words[base + CHECKSUM]! ^= view.getUint32(at + 8 + 4 * ID_WORDS)
    }
  }

  /** Cells [from, to) as they travel. */
  encode(from: number, to: number): Uint8Array {
    const wire = new Uint8Array((to - from) * CELL_BYTES)
    const view = new DataView(wire.buffer)
    for (let at = 0, base = from * CELL_WORDS; at < wire.length; at += CELL_BYTES, base += CELL_WORDS) {
      const words = this.words
      view.setUint16(at, words[base + COUNT]!)
      view.setUint16(at + 2, words[base]!)
      view.setUint32(at + 4, words[base + 1]!)
      for (let word = 0; word < ID_WORDS; word++) view.setUint32(at + 8 + 4 * word, words[base + ID_AT + word]!, true)
      view.setUint32(at + 8 + 4 * ID_WORDS, words[base + CHECKSUM]!)
    }
    return wire
  }

  /** The words of the only item of a cell, and on which side it is; `undefined` when the cell holds none, or several. */
  single(cell: number): { readonly item: Uint32Array; readonly side: 1 | -1 } | undefined {
    const side = this.excess(cell)
    if (side !== 1 && side !== -1) return undefined
    const base = cell * CELL_WORDS
    const item = this.words.slice(base, base + ITEM_WORDS)
    return checksumOf(item) === this.words[base + CHECKSUM] ? { item, side } : undefined
  }

  /** Whether nothing is left: both sets have the same items, as far as the cells tell. */
  get isEmpty(): boolean {
    return this.words.every((word, at) => (at % CELL_WORDS === COUNT ? word << 16 === 0 : word === 0))
  }
}

const TURN = 0x9e3779b9

/** 32 bits that depend on each word of an item. */
function checksumOf(item: Uint32Array): number {
  let checksum = 0
  for (let word = 0; word < ITEM_WORDS; word++) checksum = mix(checksum ^ item[word]!) + word
  return checksum >>> 0
}

/** The finalizer of MurmurHash3 (32 bits). */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
