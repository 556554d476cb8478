import crypto from 'node:crypto'
import { decode, encode } from 'cborg'
import { createBlock, decodeBlock, Signer } from 'cosmic-embeddings'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { AUTHORS, BLOCKS, DIMENSIONS, makeSamples } from './samples'

const about = `Blocks with a ${DIMENSIONS}-dimensional f32 vector, ${BLOCKS} of them by ${AUTHORS} authors, on one thread. The peers do less than
ours: raw signing knows neither fields nor ids, and cborg decodes without our limits and field rules, names no author and
copies nothing. "cborg decode and id" also hashes the payload (node:crypto) and writes its CID (multiformats), as ours does.
The last rows say what a block costs in bytes besides its vector.`

/** Bytes that a block with model, text hash, time, place, sky and two tags may add to its vector. */
const BYTE_BUDGET = 448

async function run(): Promise<BenchResult[]> {
  const samples = await makeSamples()
  const { privateKey } = crypto.generateKeyPairSync('ed25519')
  return [
    await compare({
      case: 'createBlock',
      ours: samples.make,
      peers: { 'node:crypto sign': turn => crypto.sign(null, samples.at(turn).message, privateKey) },
    }),
    await compare({
      case: 'decodeBlock',
      ours: turn => decodeBlock(samples.at(turn).bytes),
      peers: {
        'cborg decode': turn => decodeWithCborg(samples.at(turn).bytes),
        'cborg decode and id': turn => decodeWithId(samples.at(turn).bytes),
        'node:crypto verify': turn => {
          const { message, key, signature } = samples.at(turn)
          return crypto.verify(null, message, key, signature)
        },
      },
    }),
    ...(await weigh()),
  ]
}

function decodeWithCborg(bytes: Uint8Array): { payload: Uint8Array; fields: unknown } {
  const [, , payload] = decode(bytes) as [Uint8Array, unknown, Uint8Array]
  return { payload, fields: decode(payload) }
}

function decodeWithId(bytes: Uint8Array): { id: string; fields: unknown } {
  const { payload, fields } = decodeWithCborg(bytes)
  const digest = create(0x12, crypto.createHash('sha256').update(payload).digest())
  return { id: CID.createV1(0x71, digest).toString(), fields }
}

/** A full block, field by field: what each takes in the payload, with its key. */
async function weigh(): Promise<BenchResult[]> {
  const fields = {
    embedding: new Float32Array(DIMENSIONS).fill(0.5),
    model: 'acme:embed-1',
    input: { type: 'text', content: 'Water boils at 100 °C.', inline: false },
    time: 1_700_000_000_000,
    place: { latitude: 48.2082, longitude: 16.3738 },
    tags: ['physics', 'water'],
  } as const
  const { bytes } = await createBlock(fields, await Signer.fromSeed(new Uint8Array(32).fill(1)))
  const [, , payload] = decode(bytes) as [Uint8Array, unknown, Uint8Array]
  const vector = DIMENSIONS * 4
  const total = bytes.length - vector
  const parts = Object.entries(decode(payload) as Record<string, unknown>).map(([key, value]): BenchResult => {
    const size = encode(key).length + encode(value).length - (key === 'embedding' ? vector : 0)
    return { case: `of which \`${key}\``, value: size, unit: 'bytes', ratios: {} }
  })
  const around = total - parts.reduce((sum, { value }) => sum + value, 0)
  const ratios = { [`the budget of ${BYTE_BUDGET}`]: Number((BYTE_BUDGET / total).toPrecision(3)) }
  return [
    { case: 'bytes of a full block besides its vector', value: total, unit: 'bytes', ratios },
    ...parts,
    { case: 'of which envelope and signature', value: around, unit: 'bytes', ratios: {} },
  ]
}

export default { about, run } satisfies Benchmark
