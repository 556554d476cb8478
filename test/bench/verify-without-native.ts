// Prints results as JSON: verification where native Ed25519 fails its self-test, against noble's, which needs none.
import crypto from 'node:crypto'
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { CosmicValidator, verifyBlocks } from 'cosmic-embeddings'
import type { BenchResult } from './benchmark'
import { compare } from './compare'
import { makeSamples, type Sample } from './samples'

Object.assign(crypto, {
  verify: () => {
    throw new Error('switched off')
  },
})
noble.hashes.sha512 = sha512

/** More than are remembered, so that whoever comes again is a stranger again. */
const COLD_AUTHORS = 1280
const BATCH = 64

async function hotAuthors(): Promise<BenchResult> {
  const { all, at } = await makeSamples()
  const validator = new CosmicValidator()
  // Until every author has come often enough to be hot.
  for (const { bytes } of all) await validator.validate(bytes)
  return compare({
    case: 'one thread without native Ed25519, hot authors',
    ours: turn => validator.validate(at(turn).bytes),
    peers: { '@noble/ed25519 sync': turn => verifyWithNoble(at(turn)) },
  })
}

async function coldAuthors(): Promise<BenchResult> {
  const { all } = await makeSamples({ authors: COLD_AUTHORS, blocks: COLD_AUTHORS })
  const parts = Array.from({ length: COLD_AUTHORS / BATCH }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH))
  return compare({
    case: 'verifyBlocks without native Ed25519, each block by another author',
    perCall: BATCH,
    ours: async turn => {
      for await (const { result } of verifyBlocks(parts[turn % parts.length]!.map(({ bytes }) => bytes))) {
        if (!result.ok) throw new Error(`a good block is refused: ${result.error.code}`)
      }
    },
    peers: { '@noble/ed25519 sync': turn => parts[turn % parts.length]!.every(verifyWithNoble) },
  })
}

function verifyWithNoble({ message, publicKey, signature }: Sample): boolean {
  return noble.verify(signature, message, publicKey)
}

process.stdout.write(JSON.stringify([await hotAuthors(), await coldAuthors()]))
