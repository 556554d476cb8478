import { CosmicError } from '../base/index'

/** 8 bytes, big-endian, so that byte order is numeric order; for whole numbers up to 2^53 − 1. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** Throws `storage` where there are no such 8 bytes: only a damaged storage has others. */
export function readUint64(bytes: Uint8Array, offset: number): number {
  if (bytes.length >= offset + 8) {
    const value = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset))
    if (value <= Number.MAX_SAFE_INTEGER) return value
  }
  throw new CosmicError({ code: 'storage', field: 'number', hint: 'the storage is damaged' })
}
