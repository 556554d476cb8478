import { Cid, concat, unwrap, utf8 } from '../../src/base/index'
import type { KeyValueStorage } from '../../src/store/index'

/** Where a storage keeps the record of a block, as docs of src/store/layout.ts say. */
export async function recordKeyOf(storage: KeyValueStorage, id: string): Promise<Uint8Array> {
  const entry = await storage.get(concat(utf8('n'), unwrap(Cid.parse(id)).digest))
  return concat(utf8('y'), entry!.slice(4, 10))
}

/** Changes the value under a key, or deletes it. */
export async function damage(
  storage: KeyValueStorage,
  key: Uint8Array,
  change: (value: Uint8Array, key: Uint8Array) => Uint8Array | undefined,
): Promise<void> {
  const value = change((await storage.get(key))!, key)
  await storage.batch([value ? { type: 'put', key, value } : { type: 'delete', key }])
}

/** Spoils a byte of the record of a block. */
export async function spoilRecord(storage: KeyValueStorage, id: string): Promise<void> {
  await damage(storage, await recordKeyOf(storage, id), record =>
    record.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
  )
}
