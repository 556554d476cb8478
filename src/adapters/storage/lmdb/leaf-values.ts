import { HEADER_BYTES, LEAF, type Overflow, wide } from './tree-page'

/** A value that is on a leaf, or where it says that it is. */
export interface LeafValue {
  readonly value?: Uint8Array
  readonly overflow?: Pick<Overflow, 'first' | 'bytes'>
}

const BIG_DATA = 1
const NODE_HEADER = 8
/** Longer than any value of a store: an envelope has 256 KiB at most. */
const LONGEST = 1 << 20
const MOST_PAGES = 2 ** 40

/**
 * The values on a page of an LMDB file that may be damaged. Where `TreePage` refuses a page, this passes over what does not fit
 * within it, and believes nothing: what it answers may be of another page's past.
 */
export function* leafValues(page: Buffer): Generator<LeafValue> {
  if (page.length < HEADER_BYTES || (page.readUInt16LE(18) & LEAF) === 0) return
  const count = Math.min(page.readUInt16LE(20), page.length - HEADER_BYTES) >> 1
  for (let i = 0; i < count; i++) {
    const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * i)
    if (node + NODE_HEADER > page.length) continue
    const bytes = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 2 ** 16
    const flags = page.readUInt16LE(node + 4)
    const start = node + NODE_HEADER + page.readUInt16LE(node + 6)
    if ((flags & BIG_DATA) === 0) {
      if (start + bytes <= page.length) yield { value: page.subarray(start, start + bytes) }
    } else if (start + 24 <= page.length && bytes <= LONGEST) {
      const first = wide(page, start)
      if (first < MOST_PAGES) yield { overflow: { first, bytes } }
    }
  }
}
