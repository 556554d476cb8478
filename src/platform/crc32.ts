const SLICES = 8
let tables: readonly Uint32Array[] | undefined

/**
 * CRC-32 (ISO-HDLC, as in gzip, RFC 1952 section 8): finds damage, proves nothing. Eight bytes a step, by Intel's
 * slicing-by-8. `before` is the sum of bytes that come before these; those before `from` are left out.
 */
export function crc32(bytes: Uint8Array, before = 0, from = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables()) as readonly Uint32Array[] & { length: 8 }
  let crc = ~before
  let i = from
  for (const end = bytes.length - (SLICES - 1); i < end; i += SLICES) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      t7![crc & 0xff]! ^
      t6![(crc >>> 8) & 0xff]! ^
      t5![(crc >>> 16) & 0xff]! ^
      t4![crc >>> 24]! ^
      t3![bytes[i + 4]!]! ^
      t2![bytes[i + 5]!]! ^
      t1![bytes[i + 6]!]! ^
      t0![bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) crc = t0![(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Table k gives the sum of a byte that k bytes follow. */
function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
  const all = [first]
  while (all.length < SLICES) {
    all.push(all.at(-1)!.map(crc => first[crc & 0xff]! ^ (crc >>> 8)))
  }
  return all
}
