/** Numbers of 6 bytes, big-endian, so that byte order is numeric order: whole numbers below 2^48. */
export const UINT48_MAX = 2 ** 48 - 1

export function writeUint48(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  bytes[offset] = high >>> 8
  bytes[offset + 1] = high
  writeUint32(bytes, offset + 2, value % 0x1_0000_0000)
}

export function readUint48(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! * 256 + bytes[offset + 1]!) * 0x1_0000_0000 + readUint32(bytes, offset + 2)
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
}
