import {
  BRANCH,
  HEADER_BYTES,
  type Leaf,
  LEAF,
  misfit,
  NO_PAGE,
  OVERFLOW,
  TreePage,
  type TreeRecord,
} from './tree-page'

/** A file of pages. */
export interface PageFile {
  readonly pageSize: number
  /** How many pages are in use or were; those at the end that were given back before they were written may be missing. */
  readonly pages: number
  /** The newest transaction: a page of a later one LMDB would take for one that it is writing. */
  readonly transaction: number
  /** Throws `RangeError` for a page that is not there. */
  read(page: number): Buffer
}

/** Of the tree of free pages; its keys are numbers. */
const INTEGER_KEYS = 8
const DEEPEST = 32

/**
 * Walks the trees of an LMDB file. Throws `RangeError` unless every page is what the one above takes it for, within the file, and
 * in use once. With `leaves: false` it does not read the leaves, which are nearly all pages, but of the trees that lead
 * to others and to the free pages.
 */
export class PageWalk {
  readonly #file: PageFile
  readonly #leaves: boolean
  readonly #used: Uint8Array

  constructor(file: PageFile, leaves: boolean) {
    this.#file = file
    this.#leaves = leaves
    this.#used = new Uint8Array(file.pages)
    this.#used.fill(1, 0, 2)
  }

  walk(free: TreeRecord, main: TreeRecord): void {
    if ((free.flags & INTEGER_KEYS) === 0 || main.flags !== 0) throw misfit()
    for (const leaf of this.#leavesOf(main)) {
      const { trees } = this.#readLeaf(leaf)
      for (const tree of trees) this.#walkTree(tree)
    }
    for (const leaf of this.#leavesOf(free)) this.#readFree(leaf)
  }

  #walkTree(tree: TreeRecord): void {
    if (tree.flags !== 0) throw misfit()
    for (const leaf of this.#leavesOf(tree)) {
      if (this.#leaves && this.#readLeaf(leaf).trees.length > 0) throw misfit()
    }
  }

  /** The numbers of the leaves below a root, each marked as used. */
  *#leavesOf({ root, depth }: TreeRecord): Generator<number> {
    if (root === NO_PAGE && depth === 0) return
    if (depth < 1 || depth > DEEPEST) throw misfit()
    yield* this.#below(root, depth)
  }

  *#below(page: number, depth: number): Generator<number> {
    this.#use(page, 1)
    if (depth === 1) {
      yield page
      return
    }
    for (const branch of this.#open(page, BRANCH).branches()) yield* this.#below(branch, depth - 1)
  }

  /** `each` is handed the values on the leaf before another page is read in its place. */
  #readLeaf(number: number, each?: (value: Buffer) => void): Leaf {
    const leaf = this.#open(number, LEAF).leaf()
    if (each) leaf.values.forEach(each)
    for (const { first, pages, bytes, transaction } of leaf.overflows) {
      if (transaction > this.#file.transaction || pages < 1 || pages * this.#file.pageSize < bytes + HEADER_BYTES)
        throw misfit()
      this.#use(first, pages)
      if (this.#open(first, OVERFLOW).pages !== pages) throw misfit()
      // Its last one is there.
      if (pages > 1) this.#file.read(first + pages - 1)
    }
    return leaf
  }

  /** Values of its leaves are lists: how many words follow, then page numbers, or minus a length and the first of so many; 0 is none. */
  #readFree(number: number): void {
    const { overflows, trees } = this.#readLeaf(number, list => this.#free(list))
    if (trees.length > 0) throw misfit()
    for (const { first, pages, bytes } of overflows) this.#free(this.#content(first, pages, bytes))
  }

  #content(first: number, pages: number, bytes: number): Buffer {
    const parts = Array.from({ length: pages }, (_, i) => Buffer.from(this.#file.read(first + i)))
    return Buffer.concat(parts).subarray(HEADER_BYTES, HEADER_BYTES + bytes)
  }

  #free(list: Buffer): void {
    const words = Number(list.readBigInt64LE(0))
    if (words < 0 || list.length < 8 * (words + 1)) throw misfit()
    for (let i = 1; i <= words; i++) {
      const word = Number(list.readBigInt64LE(8 * i))
      if (word > 0) this.#use(word, 1)
      else if (word < 0 && i === words) throw misfit()
      else if (word < 0) this.#use(Number(list.readBigInt64LE(8 * ++i)), -word)
    }
  }

  #open(number: number, kind: number): TreePage {
    const page = new TreePage(this.#file.read(number))
    if (page.number !== number || page.flags !== kind || page.transaction > this.#file.transaction) throw misfit()
    return page
  }

  #use(first: number, count: number): void {
    if (first + count > this.#used.length) throw misfit()
    for (let page = first; page < first + count; page++) {
      if (this.#used[page] !== 0) throw misfit()
      this.#used[page] = 1
    }
  }
}
