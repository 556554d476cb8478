import crypto from 'node:crypto'
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { decode, encode } from 'cborg'
import { CosmicValidator, createBlock, decodeBlock, Signer } from 'cosmic-embeddings'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'

const DIMENSIONS = 384
const AUTHORS = 16
const BLOCKS = 256

const about = `Blocks with a ${DIMENSIONS}-dimensional f32 vector, ${BLOCKS} of them by ${AUTHORS} authors, on one thread. The peers do less than
ours: raw signing and verifying know neither fields nor ids, and cborg decodes without our canonical form, limits or field
rules. The ratio shows what the record costs on top. Keys are imported once for every contestant.`

/** One envelope, taken apart for the peers. */
interface Sample {
  readonly bytes: Uint8Array
  readonly publicKey: Uint8Array
  readonly key: crypto.KeyObject
  /** The bytes under the signature (RFC 9052 section 4.4). */
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

async function run(): Promise<BenchResult[]> {
  noble.hashes.sha512 = sha512
  const signers = await Promise.all(
    Array.from({ length: AUTHORS }, (_, index) => Signer.fromSeed(new Uint8Array(32).fill(index + 1))),
  )
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, index) => Math.sin(index))
  const make = (turn: number) =>
    createBlock(
      {
        embedding: vector,
        model: 'acme:bench',
        input: { type: 'text', content: `text ${turn}` },
        time: 1_700_000_000_000 + turn,
        sky: false,
      },
      signers[turn % AUTHORS]!,
    )
  const samples: Sample[] = []
  for (let turn = 0; turn < BLOCKS; turn++)
    samples.push(takeApart((await make(turn)).bytes, signers[turn % AUTHORS]!.publicKey))
  const sample = (turn: number) => samples[turn % BLOCKS]!
  const validator = new CosmicValidator()
  const { privateKey } = crypto.generateKeyPairSync('ed25519')

  return [
    await compare({
      case: 'createBlock',
      ours: make,
      peers: { 'node:crypto sign': turn => crypto.sign(null, sample(turn).message, privateKey) },
    }),
    await compare({
      case: 'decodeBlock',
      ours: turn => decodeBlock(sample(turn).bytes),
      peers: { 'cborg decode': turn => decodeWithCborg(sample(turn).bytes) },
    }),
    await compare({
      case: 'validate (form, id, signature)',
      ours: turn => validator.validate(sample(turn).bytes),
      peers: {
        'node:crypto verify': turn =>
          crypto.verify(null, sample(turn).message, sample(turn).key, sample(turn).signature),
        '@noble/ed25519 verify': turn =>
          noble.verify(sample(turn).signature, sample(turn).message, sample(turn).publicKey),
      },
    }),
  ]
}

function decodeWithCborg(bytes: Uint8Array): unknown {
  const [, , payload] = decode(bytes) as [Uint8Array, unknown, Uint8Array]
  return decode(payload, { tags: { 42: tagged => tagged() } })
}

function takeApart(bytes: Uint8Array, publicKey: Uint8Array): Sample {
  const [head, , payload, signature] = decode(bytes) as [Uint8Array, unknown, Uint8Array, Uint8Array]
  const message = encode(['Signature1', head, new Uint8Array(0), payload])
  const key = crypto.createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
    format: 'jwk',
  })
  if (!crypto.verify(null, message, key, signature)) throw new Error('the sample was taken apart wrongly')
  return { bytes, publicKey, key, message, signature }
}

export default { about, run } satisfies Benchmark
