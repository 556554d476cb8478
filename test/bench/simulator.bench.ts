import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { SignatureMode } from 'cosmic-embeddings/simulator'
import { exchange } from '../sim/exchange'
import type { Benchmark, BenchResult } from './benchmark'

const NODES = 8
const BLOCKS = 1_000
const ROUNDS = 5
const MANY = 1_000
const FEW_BLOCKS = 20

const about = `Simulated networks (docs/simulator.md) on one core. "exchange": ${BLOCKS} small blocks published at the root of a tree of ${NODES} nodes
reach all others; every node checks every signature for itself, and keeps what it got in a store and a search index. A block
counts once for each node that receives it, from the first connection to the last block, in real time. The peer checks one
signature of a block of the same size with a key that was imported once. "stand-in" puts cheap hashes in place of signatures, key
agreement and cipher. "${MANY} nodes" runs as many in a process of its own until each holds ${FEW_BLOCKS} blocks: the ratio is
2,048 MB to its resident memory at the end.`

/** Checks a second, for a quarter of a second. */
function verifyRate(): number {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519')
  const message = crypto.randomBytes(250)
  const signature = crypto.sign(null, message, privateKey)
  const start = performance.now()
  let count = 0
  for (; performance.now() - start < 250; count += 50)
    for (let i = 0; i < 50; i++) crypto.verify(null, message, publicKey, signature)
  return (count * 1_000) / (performance.now() - start)
}

async function exchangeCase(name: string, signatures: SignatureMode): Promise<BenchResult> {
  const rates: number[] = []
  const peers: number[] = []
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const before = verifyRate()
    const { exchanged, ms } = await exchange(NODES, BLOCKS, signatures)
    if (round === 0) continue
    rates.push((exchanged * 1_000) / ms)
    peers.push((before + verifyRate()) / 2)
    process.stderr.write(`${name}: ${rates.at(-1)!.toFixed(0)} blocks/s, ${peers.at(-1)!.toFixed(0)} checks/s\n`)
  }
  const [rate, peer] = [median(rates), median(peers)]
  return {
    case: name,
    value: Number(rate.toPrecision(3)),
    unit: 'blocks/s',
    ratios: { 'node:crypto verify': Number((rate / peer).toPrecision(3)) },
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** In a process of its own, whose memory is nobody else's. */
function manyNodes(): BenchResult {
  const file = fileURLToPath(new URL('simulate-many.ts', import.meta.url))
  const { stdout, status } = spawnSync(
    process.execPath,
    [...process.execArgv, file, String(MANY), String(FEW_BLOCKS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (status !== 0) throw new Error(`simulate-many ended with ${status}`)
  const { memory, ms } = JSON.parse(String(stdout)) as { memory: number; ms: number }
  process.stderr.write(`${MANY} nodes: ${(ms / 1_000).toFixed(1)} s from the first connection to the last block\n`)
  const megabytes = memory / 2 ** 20
  return {
    case: `${MANY} nodes, stand-in`,
    value: Number(megabytes.toPrecision(3)),
    unit: 'MB resident',
    ratios: { '2,048 MB': Number((2_048 / megabytes).toPrecision(3)) },
  }
}

async function run(): Promise<BenchResult[]> {
  return [
    await exchangeCase('exchange, real signatures', 'real'),
    await exchangeCase('exchange, stand-in', 'stand-in'),
    manyNodes(),
  ]
}

export default { about, run } satisfies Benchmark
