import { attempt, concat, utf8 } from '../../base/index'
import type { SavedSpace } from '../search-core'
import { checksum } from './checksum'
import { VERSION } from './page'

/** What stands beside the pages: which spaces there are, and what of the store they knew when all was saved. */
export interface Head {
  readonly spaces: readonly Omit<SavedSpace, 'base'>[]
  /** Number of the next space. */
  readonly next: number
  /** Version of the predicates whose answers stand in the pages. */
  readonly predicates?: string
}

/** Keys below the store's `side`: `s` and `h`; `b` and a space; `p`, a space and a page; numbers are 4 bytes big-endian. */
export const headKey = (): Uint8Array => utf8('sh')
export const baseKey = (space: number): Uint8Array => concat(utf8('sb'), uint32(space))
export const pageKey = (space: number, page: number): Uint8Array => concat(utf8('sp'), uint32(space), uint32(page))

/** Where all of them lie. */
export const SAVED = ['b', 'h', 'p'].map(kind => ({
  gte: utf8(`s${kind}`),
  lt: utf8(`s${String.fromCharCode(kind.charCodeAt(0) + 1)}`),
}))

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** The checksum of the rest, and JSON. */
export function encodeHead(head: Head): Uint8Array {
  const text = utf8(JSON.stringify({ version: VERSION, ...head }))
  return concat(uint32(checksum(text)), text)
}

/** `undefined` for what is absent, damaged or of another version. */
export function decodeHead(bytes: Uint8Array | undefined): Head | undefined {
  if (bytes === undefined || bytes.length < 4) return undefined
  const text = bytes.slice(4)
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== checksum(text)) return undefined
  const head = attempt(() => JSON.parse(new TextDecoder().decode(text)) as Head & { version: number })
  return head.ok && head.value.version === VERSION ? head.value : undefined
}
