import { crc32 } from '#platform'
import { CosmicError } from '../base/index'
import { readUint32, writeUint32 } from './uint48'

/** Bytes of the CRC-32 at the beginning of a value. */
export const SUM_BYTES = 4

/** Writes the sum over what follows it, and the key it stands under, into the first four bytes. */
export function sum(value: Uint8Array, key: Uint8Array): Uint8Array {
  writeUint32(value, 0, crc32(value, crc32(key), SUM_BYTES))
  return value
}

/** Throws `storage` with this field unless the value is what was written under this key. */
export function checkSum(value: Uint8Array, key: Uint8Array, field: string, hint = 'repair the store'): void {
  if (value.length >= SUM_BYTES && readUint32(value, 0) === crc32(value, crc32(key), SUM_BYTES)) return
  throw new CosmicError({ code: 'storage', field, hint, message: `storage: ${field} is damaged; ${hint}` })
}
