import { Cid } from '../base/index'

/** The digest of an id; `undefined` for what is no id, and hence not stored. */
export function digestOf(id: string): Uint8Array | undefined {
  const cid = Cid.parse(id)
  return cid.ok ? cid.value.digest : undefined
}
