import { bls12_381 as bls } from '@noble/curves/bls12-381.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { verifyBeacon, type Beacon, type BeaconChain } from 'cosmic-embeddings'
import published from '../vectors/drand.json'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'

const about = `Rounds of a beacon whose signatures are in G1, as drand's quicknet signs them: published ones of quicknet, and any
number of a chain whose key is ours. "noble" is what a careful caller writes with @noble/curves alone: hash to the curve, decode
signature and key, verify. Every uncached round is checked for the first time; "16 at once" arrive together and are checked
together. Figures are rounds a second on one thread.`

const TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const BATCH = 16
const quicknet = published[0]!
const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1)
const publicKey = bls.shortSignatures.getPublicKey(secret).toHex()

function message(round: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round))
  return sha256(bytes)
}

/** A fresh array is a fresh memory. */
const chains = (): readonly BeaconChain[] => [{ ...(quicknet.chain as BeaconChain), publicKey }]

/** Rounds of our own chain, signed beforehand. */
const rounds: readonly Beacon[] = Array.from({ length: 256 }, (_, i) => ({
  chain: Uint8Array.from(Buffer.from(quicknet.chain.hash, 'hex')),
  round: i + 1,
  signature: bls.shortSignatures.sign(bls.shortSignatures.hash(message(i + 1), TAG), secret).toBytes(),
}))
const at = (turn: number): Beacon => rounds[turn % rounds.length]!

function nobleVerify({ round, signature }: Beacon): void {
  const hashed = bls.shortSignatures.hash(message(round), TAG)
  const key = Uint8Array.from(Buffer.from(publicKey, 'hex'))
  if (!bls.shortSignatures.verify(signature, hashed, key)) throw new Error('noble refuses a good round')
}

async function verify(beacon: Beacon, of: readonly BeaconChain[]): Promise<void> {
  const answer = await verifyBeacon(beacon, { chains: of })
  if (!answer.ok) throw new Error(`a good round is refused: ${answer.error.code}`)
}

/** A chain's key is made ready once; its memory is emptied before the rounds come again. */
function uncached(size: number) {
  let known = chains()
  return (turn: number) => {
    const start = (turn * size) % rounds.length
    if (start === 0) known = chains()
    return Promise.all(rounds.slice(start, start + size).map(beacon => verify(beacon, known)))
  }
}

async function run(): Promise<BenchResult[]> {
  for (const { round, signature } of quicknet.rounds) {
    const { ok } = await verifyBeacon({ chain: quicknet.chain.hash, round, signature })
    if (!ok) throw new Error(`round ${round} of quicknet is refused`)
  }
  const noble = { '@noble/curves verify': (turn: number) => nobleVerify(at(turn)) }
  const one = uncached(1)
  const warm = chains()
  return [
    await compare({ case: 'uncached', ours: one, peers: noble, roundMs: 1000 }),
    await compare({
      case: `${BATCH} at once`,
      perCall: BATCH,
      ours: uncached(BATCH),
      peers: {
        'one by one': async turn => {
          for (let i = 0; i < BATCH; i++) await one(turn * BATCH + i)
        },
        '@noble/curves verify': turn => {
          for (let i = 0; i < BATCH; i++) nobleVerify(at(turn * BATCH + i))
        },
      },
      roundMs: 1000,
    }),
    await compare({ case: 'cached', ours: turn => verify(at(turn % 8), warm), peers: noble, roundMs: 1000 }),
  ]
}

export default { about, run } satisfies Benchmark
