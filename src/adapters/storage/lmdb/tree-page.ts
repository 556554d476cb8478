/**
 * A page of an LMDB file as mdb.c lays it out (`MDB_page`, `MDB_node`): a header, offsets of nodes, a gap, the nodes. Numbers
 * are little-endian; offsets count from behind the header. What does not fit together throws `RangeError`.
 */
export const HEADER_BYTES = 24
export const BRANCH = 1
export const LEAF = 2
export const OVERFLOW = 4

/** Of a node: its value is on pages of its own; its value is a tree. */
const BIG_DATA = 1
const SUBTREE = 2

const NODE_HEADER = 8
const TREE_BYTES = 48

/** The root of an empty tree. */
export const NO_PAGE = 2 ** 64

/** A tree as its record says (`MDB_db`). */
export interface TreeRecord {
  readonly flags: number
  readonly depth: number
  readonly root: number
}

/** Where a leaf says that a value of so many bytes is: in so many pages. */
export interface Overflow {
  readonly first: number
  readonly pages: number
  readonly bytes: number
  readonly transaction: number
}

/** What a leaf leads to, and the values that are on it. */
export interface Leaf {
  readonly overflows: readonly Overflow[]
  readonly trees: readonly TreeRecord[]
  /** Views of the page. */
  readonly values: readonly Buffer[]
}

export class TreePage {
  readonly #page: Buffer
  readonly #words: Uint16Array

  constructor(page: Buffer) {
    this.#page = page
    this.#words = new Uint16Array(page.buffer, page.byteOffset, page.length >> 1)
  }

  get number(): number {
    return wide(this.#page, 0)
  }

  /** The transaction that wrote it. */
  get transaction(): number {
    return wide(this.#page, 8)
  }

  get flags(): number {
    return this.#words[9]!
  }

  /** Of an overflow page: how many it is the first of. */
  get pages(): number {
    return this.#page.readUInt32LE(20)
  }

  /** The pages below a branch. */
  branches(): number[] {
    return this.#nodes().map(node => this.#low(node) + this.#words[(node >> 1) + 2]! * 2 ** 32)
  }

  /** Throws unless every key and value is within the page. */
  leaf(): Leaf {
    const [overflows, trees, values]: [Overflow[], TreeRecord[], Buffer[]] = [[], [], []]
    for (const node of this.#nodes()) {
      const [flags, bytes] = [this.#words[(node >> 1) + 2]!, this.#low(node)]
      const value = node + NODE_HEADER + this.#words[(node >> 1) + 3]!
      const end = value + (flags === BIG_DATA ? 24 : bytes)
      if (flags > SUBTREE || end > this.#page.length || (flags === SUBTREE && bytes !== TREE_BYTES)) throw misfit()
      if (flags === BIG_DATA) overflows.push(overflow(this.#page, value, bytes))
      else if (flags === SUBTREE) trees.push(treeRecord(this.#page, value))
      else values.push(this.#page.subarray(value, end))
    }
    return { overflows, trees, values }
  }

  #low(node: number): number {
    return this.#words[node >> 1]! + this.#words[(node >> 1) + 1]! * 2 ** 16
  }

  /** Where the nodes begin. */
  #nodes(): number[] {
    const [lower, upper, room] = [this.#words[10]!, this.#words[11]!, this.#page.length - HEADER_BYTES]
    if (lower === 0 || lower % 2 > 0 || lower > upper || upper > room) throw misfit()
    const nodes: number[] = []
    for (let i = 0; i < lower >> 1; i++) {
      const offset = this.#words[12 + i]!
      const node = HEADER_BYTES + offset
      if (offset < upper || offset % 2 > 0 || offset + NODE_HEADER > room) throw misfit()
      if (offset + NODE_HEADER + this.#words[(node >> 1) + 3]! > room) throw misfit()
      nodes.push(node)
    }
    return nodes
  }
}

/** `MDB_ovpage`. */
const overflow = (page: Buffer, at: number, bytes: number): Overflow => ({
  first: wide(page, at),
  transaction: wide(page, at + 8),
  pages: wide(page, at + 16),
  bytes,
})

export function treeRecord(page: Buffer, at: number): TreeRecord {
  return { flags: page.readUInt16LE(at + 4), depth: page.readUInt16LE(at + 6), root: wide(page, at + 40) }
}

/** 64 bits; beyond 2^53 rounded, and then beyond every file. */
export const wide = (page: Buffer, at: number) => Number(page.readBigUInt64LE(at))

export const misfit = () => new RangeError('a page does not fit together')
