import { CosmicError } from '../../../base/index'

/** Reads the parts that OpenTimestamps files are made of; throws `bad-proof` at the byte where they are not. */
export class OtsReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.bytes(1)[0]!
  }

  bytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) this.refuse('the proof is cut short')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** An unsigned LEB128 number of at most five bytes, which hold every length and height that there is. */
  number(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return this.refuse('a number too long')
  }

  /** A length and as many bytes, within bounds. */
  counted(least: number, most: number): Uint8Array {
    const length = this.number()
    if (length < least || length > most) this.refuse(`${length} bytes where ${least} … ${most} may stand`)
    return this.bytes(length)
  }

  refuse(hint: string): never {
    throw new CosmicError({ code: 'bad-proof', offset: this.#at, message: `no OpenTimestamps proof: ${hint}` })
  }
}
