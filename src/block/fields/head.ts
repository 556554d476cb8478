import { bytes, integer } from './codec'
import { name, time } from './names'
import { record, required } from './record'

/** What every payload of every version and kind begins with; these four keep their encoding for ever. */
export interface Head {
  readonly version: number
  readonly kind: string
  /** The author's public key. */
  readonly author: Uint8Array
  readonly time: number
}

const HEAD = {
  version: required('v', integer(1, 65_535)),
  kind: required('kind', name),
  author: required('author', bytes(32)),
  time: required('time', time),
}
const KEYS: ReadonlySet<string> = new Set(Object.values(HEAD).map(field => field.key))

/** Reads the four from a payload whose other entries belong to its kind. */
export const head = record<Head>(HEAD, () => true)

/** Whether a payload's entry is one of the four. */
export function isHeadKey(key: string): boolean {
  return KEYS.has(key)
}
