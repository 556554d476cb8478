import crypto from 'node:crypto'
import { decode, encode } from 'cborg'
import { createBlock, Signer } from 'cosmic-embeddings'

export const DIMENSIONS = 384
export const AUTHORS = 16
export const BLOCKS = 256

/** One envelope, taken apart for the peers. */
export interface Sample {
  readonly bytes: Uint8Array
  readonly publicKey: Uint8Array
  readonly key: crypto.KeyObject
  /** The bytes under the signature (RFC 9052 section 4.4). */
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export interface Samples {
  /** The sample of a turn, the same ones over and over. */
  readonly at: (turn: number) => Sample
  readonly all: readonly Sample[]
  /** Makes and signs the block of a turn. */
  readonly make: (turn: number) => Promise<{ readonly bytes: Uint8Array }>
}

/** Blocks with one f32 vector and a short text, by several authors in turn. */
export async function makeSamples({ authors = AUTHORS, blocks = BLOCKS } = {}): Promise<Samples> {
  const signers = await Promise.all(
    Array.from({ length: authors }, (_, index) =>
      Signer.fromSeed(new Uint8Array(32).fill(index + 1).with(0, index >> 8)),
    ),
  )
  const embedding = Float32Array.from({ length: DIMENSIONS }, (_, index) => Math.sin(index))
  const make = (turn: number) => {
    const input = { type: 'text', content: `text ${turn}` } as const
    const time = 1_700_000_000_000 + turn
    return createBlock({ embedding, model: 'acme:bench', input, time, sky: false }, signers[turn % authors]!)
  }
  const all: Sample[] = []
  for (let turn = 0; turn < blocks; turn++) {
    all.push(takeApart((await make(turn)).bytes, signers[turn % authors]!.publicKey))
  }
  return { at: turn => all[turn % blocks]!, all, make }
}

export function takeApart(bytes: Uint8Array, publicKey: Uint8Array): Sample {
  const [head, , payload, signature] = decode(bytes) as [Uint8Array, unknown, Uint8Array, Uint8Array]
  const message = encode(['Signature1', head, new Uint8Array(0), payload])
  const x = Buffer.from(publicKey).toString('base64url')
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return { bytes, publicKey, key, message, signature }
}
