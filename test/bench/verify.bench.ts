import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { fileURLToPath } from 'node:url'
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { CosmicValidator, verifyBlocks } from 'cosmic-embeddings'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { AUTHORS, BLOCKS, DIMENSIONS, makeSamples } from './samples'
import { verifyInChromium } from './verify-in-chromium'

const about = `Full verification of blocks with a ${DIMENSIONS}-dimensional f32 vector, without sky: ${BLOCKS} of them by ${AUTHORS} authors. Ours takes
bytes, decodes them strictly, computes the id, checks author and signature and explains itself; the peers check one signature
over bytes laid ready, with keys imported once. "one thread" is our own validation, block after block. The rows "in Chromium"
run in a page of Debian's Chromium with the built package bundled by esbuild, with as many checks in flight on either side.
The rows "without native Ed25519" run in a process where it is switched off, and both contestants are plain JavaScript.`

async function run(): Promise<BenchResult[]> {
  noble.hashes.sha512 = sha512
  const samples = await makeSamples()
  const validator = new CosmicValidator()
  const envelopes = samples.all.map(({ bytes }) => bytes)
  return [
    await compare({
      case: 'one thread',
      ours: turn => validator.validate(samples.at(turn).bytes),
      peers: {
        'node:crypto verify': turn => {
          const { message, key, signature } = samples.at(turn)
          return crypto.verify(null, message, key, signature)
        },
        '@noble/ed25519 sync': turn => {
          const { message, publicKey, signature } = samples.at(turn)
          return noble.verify(signature, message, publicKey)
        },
      },
    }),
    await compare({
      case: 'verifyBlocks',
      perCall: BLOCKS,
      ours: () => verifyAll(envelopes),
      peers: {
        'one thread': async () => {
          for (const bytes of envelopes) await validator.validate(bytes)
        },
      },
    }),
    ...(await verifyInChromium(samples)),
    ...withoutNative(),
  ]
}

async function verifyAll(envelopes: readonly Uint8Array[]): Promise<void> {
  for await (const { result } of verifyBlocks(envelopes)) {
    if (!result.ok) throw new Error(`a good block is refused: ${result.error.code}`)
  }
}

/** In a process of its own, since native code is tested and trusted once. */
function withoutNative(): BenchResult[] {
  const file = fileURLToPath(new URL('verify-without-native.ts', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [...process.execArgv, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`verify-without-native ended with ${status}`)
  return JSON.parse(String(stdout)) as BenchResult[]
}

export default { about, run } satisfies Benchmark
