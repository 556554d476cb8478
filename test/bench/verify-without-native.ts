// Prints results as JSON: verification where native Ed25519 fails its self-test, against noble's, which needs none.
import crypto from 'node:crypto'
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { CosmicValidator } from 'cosmic-embeddings'
import { compare } from './compare'
import { makeSamples } from './samples'

Object.assign(crypto, {
  verify: () => {
    throw new Error('switched off')
  },
})
noble.hashes.sha512 = sha512

const samples = await makeSamples()
const validator = new CosmicValidator()
// Until every author has come often enough to be hot.
for (const { bytes } of samples.all) await validator.validate(bytes)
const result = await compare({
  case: 'one thread without native Ed25519, hot authors',
  ours: turn => validator.validate(samples.at(turn).bytes),
  peers: {
    '@noble/ed25519 sync': turn => {
      const { message, publicKey, signature } = samples.at(turn)
      return noble.verify(signature, message, publicKey)
    },
  },
})
process.stdout.write(JSON.stringify([result]))
