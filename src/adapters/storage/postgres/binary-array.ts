/** Type OIDs of PostgreSQL (`pg_type.dat`). */
const BYTEA = 17

/**
 * An array of byte strings in PostgreSQL's binary form (`array_recv`): dimensions, whether there are nulls, the element
 * type, length and lower bound, then each element behind its length. As text it would be twice as long.
 */
export function byteArrays(items: readonly Uint8Array[], type: number = BYTEA): Buffer {
  const size = items.reduce((sum, item) => sum + 4 + item.length, 20)
  const buffer = Buffer.allocUnsafe(size)
  const header = [1, 0, type, items.length, 1]
  header.forEach((value, i) => buffer.writeInt32BE(value, 4 * i))
  let offset = 20
  for (const item of items) {
    buffer.writeInt32BE(item.length, offset)
    buffer.set(item, offset + 4)
    offset += 4 + item.length
  }
  return buffer
}

/** A byte string as a parameter. */
export function bytea(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A byte string of a row as a plain array of its own. */
export function toBytes(value: unknown): Uint8Array {
  return Uint8Array.from(value as Uint8Array)
}
