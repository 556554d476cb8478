import { isDeepStrictEqual } from 'node:util'
import * as dagCbor from '@ipld/dag-cbor'
import type { Block, ErrorCode, Result, SigningIdentity, VectorFields } from 'cosmic-embeddings'
import { mutate, seeded, type Draw } from './mutate'

/** What is attacked, and what makes the blocks that the attack starts from. */
export interface Subject {
  decodeBlock(bytes: Uint8Array): Result<Block>
  createBlock(fields: VectorFields, signer: SigningIdentity): Promise<Block>
  readonly signer: SigningIdentity
}

export interface Fuzz {
  readonly blocks: number
  readonly accepted: number
  readonly refused: ReadonlyMap<ErrorCode, number>
  /** Milliseconds of the slowest call. */
  readonly slowest: number
}

const LINK = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
/** A pause of the machine is not ours: a call is as slow as the fastest of its repetitions. */
const RETRIES = 3

/**
 * Decodes `count` mutants of blocks of every shape. Throws, with the number of the mutant, when a call throws or returns
 * something else than a `Result`, or when @ipld/dag-cbor, which is strict too, does not find exactly one canonical map in
 * the payload of a block that was accepted.
 */
export async function fuzzDecoder(subject: Subject, count: number, seed: number): Promise<Fuzz> {
  const draw = seeded(seed)
  const corpus = await seedCorpus(subject)
  const refused = new Map<ErrorCode, number>()
  let [accepted, slowest] = [0, 0]
  for (let turn = 0; turn < count; turn++) {
    const mutant = makeMutant(corpus, draw)
    try {
      const start = performance.now()
      const read = subject.decodeBlock(mutant)
      const elapsed = performance.now() - start
      if (elapsed > slowest) slowest = Math.max(slowest, Math.min(elapsed, repeated(subject, mutant)))
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

function repeated({ decodeBlock }: Subject, mutant: Uint8Array): number {
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

/** Every element type and field, a translator and a kind that nobody knows. */
async function seedCorpus({ createBlock, signer }: Subject): Promise<Uint8Array[]> {
  const base = { embedding: [0.5, -1, 2], model: 'acme:embed-1@2#3', time: 1_700_000_000_000 } as const
  const full: VectorFields = {
    ...base,
    input: { type: 'text', content: 'Wasser kocht bei 100 °C.', origin: 'https://example.org/' },
    place: { latitude: 48.2, longitude: 16.4, elevation: 150, accuracy: 10 },
    tags: ['physics', 'Wörter'],
    links: [{ relation: 'supports', id: LINK }],
    supersedes: [LINK],
    expires: base.time + 1000,
    extensions: { 'acme/x': [1, -(2 ** 40), { y: null, z: new Uint8Array(3), t: true }] },
  }
  const made: VectorFields[] = [base, full, { ...base, element: 'f16' }, { ...base, element: 'i8', sky: true }]
  const blocks = await Promise.all(made.map(fields => createBlock(fields, signer)))
  const unknown = { v: 9, kind: 'later', author: signer.publicKey, time: 1, more: [[[[{ a: [1] }]]]] }
  return [...blocks.map(({ bytes }) => bytes), wrap(dagCbor.encode(unknown)), wrap(dagCbor.encode(translator(signer)))]
}

function translator({ publicKey }: SigningIdentity): object {
  const quality = { anchors: 500, heldOut: 100, gallery: 1000, top1: 842, top10: 979, cosine: 694, baseline: -12 }
  const part = { from: 'acme:embed-1', to: 'other:model#4', method: 'procrustes', set: new Uint8Array(32), quality }
  const means = { from: new Uint8Array(12), to: new Uint8Array(16) }
  const scales = new Uint8Array(new Float32Array([0.5, 0.25]).buffer)
  const matrix = { index: 0, count: 2, row: 0, rows: 2, dims: 3, data: new Uint8Array(6), scales, means }
  return { v: 1, kind: 'translator', author: publicKey, time: 1, translator: { ...part, ...matrix } }
}
