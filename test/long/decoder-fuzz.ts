import { isDeepStrictEqual } from 'node:util'
import * as dagCbor from '@ipld/dag-cbor'
import type { Block, ErrorCode, Result } from 'cosmic-embeddings'
import { unpack, validBlocks } from '../tools/block-vectors/read'
import { mutate, seeded, type Draw } from './mutate'

type DecodeBlock = (bytes: Uint8Array) => Result<Block>

export interface Fuzz {
  readonly blocks: number
  readonly accepted: number
  readonly refused: ReadonlyMap<ErrorCode, number>
  /** Milliseconds of the slowest call. */
  readonly slowest: number
}

/** Longer blocks differ only in padding, and would take most of the time. */
const LONGEST = 4096
/** A pause of the machine is not ours: a call is as slow as the fastest of its repetitions. */
const RETRIES = 3

/**
 * Decodes `count` mutants of the valid vectors, which hold every kind and field. Throws, with the number of the mutant, when a call throws or returns
 * something else than a `Result`, or when @ipld/dag-cbor, which is strict too, does not find exactly one canonical map in
 * the payload of a block that was accepted.
 */
export function fuzzDecoder(decodeBlock: DecodeBlock, count: number, seed: number): Fuzz {
  const draw = seeded(seed)
  const corpus = validBlocks.map(({ envelope }) => unpack(envelope)).filter(({ length }) => length <= LONGEST)
  const refused = new Map<ErrorCode, number>()
  let [accepted, slowest] = [0, 0]
  for (let turn = 0; turn < count; turn++) {
    const mutant = makeMutant(corpus, draw)
    try {
      const start = performance.now()
      const read = decodeBlock(mutant)
      const elapsed = performance.now() - start
      if (elapsed > slowest) slowest = Math.max(slowest, Math.min(elapsed, repeated(decodeBlock, mutant)))
      if (read.ok) {
        accepted++
        checkAccepted(read.value, mutant)
      } else refused.set(read.error.code, (refused.get(read.error.code) ?? 0) + 1)
    } catch (cause) {
      const hex = Buffer.from(mutant).toString('hex')
      throw new Error(`seed ${seed}, mutant ${turn}: ${String(cause)}\n${hex}`, { cause })
    }
  }
  return { blocks: count, accepted, refused, slowest }
}

function repeated(decodeBlock: DecodeBlock, mutant: Uint8Array): number {
  const times = Array.from({ length: RETRIES }, () => {
    const start = performance.now()
    decodeBlock(mutant)
    return performance.now() - start
  })
  return Math.min(...times)
}

function checkAccepted(block: Block, mutant: Uint8Array): void {
  if (!Object.isFrozen(block) || Buffer.compare(block.bytes, mutant) !== 0) throw new Error('not the bytes, frozen')
  const [, , payload] = dagCbor.decode<[unknown, unknown, Uint8Array]>(mutant)
  const again = dagCbor.encode(dagCbor.decode(payload))
  if (!isDeepStrictEqual(new Uint8Array(again), new Uint8Array(payload))) throw new Error('accepted, but not canonical')
}

/** One to four edits, half of them in the payload with the envelope put right around it, so that they get past it. */
function makeMutant(corpus: readonly Uint8Array[], draw: Draw): Uint8Array {
  const pick = () => corpus[draw(corpus.length)]!
  const inPayload = draw(2) === 0
  let bytes = inPayload ? payloadOf(pick()) : pick()
  for (let edits = 1 + draw(4); edits > 0; edits--) bytes = mutate(bytes, pick(), draw)
  return inPayload ? wrap(bytes) : bytes
}

function payloadOf(envelope: Uint8Array): Uint8Array {
  return dagCbor.decode<[unknown, unknown, Uint8Array]>(envelope)[2]
}

function wrap(payload: Uint8Array): Uint8Array {
  return dagCbor.encode([Uint8Array.of(0xa1, 0x01, 0x27), {}, payload, new Uint8Array(64)])
}
