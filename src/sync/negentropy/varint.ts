import { fail, ok, type Result } from '../../base/index'
import { narrow } from './bound'
import type { Timestamp } from './reconcile-set'

/** Highest value of a varint. */
export const MAX_U64 = 2n ** 64n - 1n

/** Base-128 digits, most significant first, the high bit set on all but the last (Negentropy V1, `Varint`). */
export function encodeVarint(value: Timestamp): Uint8Array {
  const digits: number[] = []
  let rest = BigInt(value)
  do {
    digits.push(Number(rest & 127n) | (digits.length === 0 ? 0 : 128))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(digits.reverse())
}

/** Reads a message from front to back; every read answers `truncated` when the bytes run out. */
export class Reader {
  offset = 0

  constructor(readonly bytes: Uint8Array) {}

  get remaining(): number {
    return this.bytes.length - this.offset
  }

  take(length: number): Result<Uint8Array> {
    if (length > this.remaining) return fail({ code: 'truncated', field: 'negentropy', offset: this.offset })
    this.offset += length
    return ok(this.bytes.subarray(this.offset - length, this.offset))
  }

  /** A u64 in shortest form. */
  varint(): Result<Timestamp> {
    let value = 0n
    for (let digits = 0; digits < 10; digits++) {
      const byte = this.bytes[this.offset]
      if (byte === undefined) return fail({ code: 'truncated', field: 'negentropy', offset: this.offset })
      if (digits === 0 && byte === 128) return fail({ code: 'not-shortest', field: 'negentropy', offset: this.offset })
      this.offset++
      value = (value << 7n) | BigInt(byte & 127)
      if (byte < 128 && value <= MAX_U64) return ok(narrow(value))
    }
    return fail({ code: 'int-range', field: 'negentropy', offset: this.offset, limit: MAX_U64.toString() })
  }

  /** A varint that counts things which take `size` bytes each in what remains. */
  count(size: number): Result<number> {
    const value = this.varint()
    if (!value.ok) return value
    if (value.value > this.remaining / size)
      return fail({ code: 'truncated', field: 'negentropy', offset: this.offset })
    return ok(Number(value.value))
  }
}
