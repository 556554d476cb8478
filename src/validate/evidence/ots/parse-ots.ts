import { sha256 } from '#platform'
import { ripemd160, sha1 } from '@noble/hashes/legacy.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concat, equal, fromHex, toHex, utf8 } from '../../../base/index'
import { OtsReader } from './ots-reader'

/** What a detached timestamp file says. */
export interface OtsProof {
  /** SHA-256 of what was stamped. */
  readonly digest: Uint8Array
  /** What the proof derives for the Merkle roots of Bitcoin's blocks, by height. */
  readonly bitcoin: ReadonlyMap<number, readonly Uint8Array[]>
}

/** `\0OpenTimestamps\0\0Proof\0`, eight bytes that no text has, and the version, 1. */
const MAGIC = '004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e8929401'

const ATTESTATION = 0x00
const FORK = 0xff
const SHA256 = 0x08
const BITCOIN = '0588960d73d71901'

/** Bytes of a message on its way, and of an attestation, as the reference implementation bounds them. */
const LONGEST_MESSAGE = 4096
const LONGEST_ATTESTATION = 8192
/** Real proofs take some dozens; each may hash a message of the greatest length. */
const MOST_OPERATIONS = 2048
/** Forks within forks, as the reference implementation bounds them. */
const DEEPEST_FORK = 256

type Operation = (message: Uint8Array) => Uint8Array

const UNARY: Readonly<Record<number, Operation>> = {
  0x02: sha1,
  0x03: ripemd160,
  [SHA256]: sha256,
  0x67: keccak_256,
  0xf2: message => message.slice().reverse(),
  0xf3: message => utf8(toHex(message)),
}

const BINARY: Readonly<Record<number, (message: Uint8Array, argument: Uint8Array) => Uint8Array>> = {
  0xf0: concat,
  0xf1: (message, argument) => concat(argument, message),
}

/**
 * Reads a detached timestamp of SHA-256 and carries its operations out (format: python-opentimestamps,
 * `opentimestamps.core`). Attestations of other kinds, such as pending ones, are passed over.
 *
 * @throws CosmicError `bad-proof` with the offset
 */
export function parseOts(proof: Uint8Array): OtsProof {
  const reader = new OtsReader(proof)
  if (!equal(reader.bytes(MAGIC.length / 2), fromHex(MAGIC)!)) reader.refuse('another beginning, or another version')
  if (reader.byte() !== SHA256) reader.refuse('not of a SHA-256')
  const digest = reader.bytes(32)
  const walk = new Walk(reader)
  walk.timestamp(digest, 0)
  if (!reader.isAtEnd) reader.refuse('bytes after its end')
  return { digest, bitcoin: walk.bitcoin }
}

/** One pass over the tree of operations, from the digest to the attestations. */
class Walk {
  readonly bitcoin = new Map<number, Uint8Array[]>()
  readonly #reader: OtsReader
  #operations = 0

  constructor(reader: OtsReader) {
    this.#reader = reader
  }

  /** What becomes of a message: every branch but the last follows a fork, and each ends in an attestation. */
  timestamp(start: Uint8Array, depth: number): void {
    let message = start
    for (;;) {
      let tag = this.#reader.byte()
      for (; tag === FORK; tag = this.#reader.byte()) this.#branch(message, depth)
      if (tag === ATTESTATION) return this.#attestation(message)
      message = this.#apply(tag, message)
    }
  }

  #branch(message: Uint8Array, depth: number): void {
    if (depth === DEEPEST_FORK) this.#reader.refuse('too many forks within each other')
    const tag = this.#reader.byte()
    if (tag === ATTESTATION) this.#attestation(message)
    else this.timestamp(this.#apply(tag, message), depth + 1)
  }

  #apply(tag: number, message: Uint8Array): Uint8Array {
    if (++this.#operations > MOST_OPERATIONS) this.#reader.refuse(`more than ${MOST_OPERATIONS} operations`)
    const [unary, binary] = [UNARY[tag], BINARY[tag]]
    const result = binary ? binary(message, this.#reader.counted(1, LONGEST_MESSAGE)) : unary?.(message)
    if (result === undefined) this.#reader.refuse(`an unknown operation, ${tag}`)
    if (result.length > LONGEST_MESSAGE) this.#reader.refuse('a message too long')
    return result
  }

  #attestation(message: Uint8Array): void {
    const kind = toHex(this.#reader.bytes(8))
    const content = new OtsReader(this.#reader.counted(0, LONGEST_ATTESTATION))
    if (kind !== BITCOIN) return
    const height = content.number()
    if (!content.isAtEnd) content.refuse('bytes after a height')
    const roots = this.bitcoin.get(height)
    if (roots) roots.push(message)
    else this.bitcoin.set(height, [message])
  }
}
