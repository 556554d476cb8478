import crypto from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { BatchEquation, type Sums } from './batch-equation'
import type { Claims } from './lay-claims'
import { sums } from './sums.generated'

/** The text of a thread that proves batches: it answers each message of claims with the claims and a byte for each. */
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(sums, 'base64')))
const equation = new BatchEquation(exports as unknown as Sums, {
  sha512: bytes => crypto.createHash('sha512').update(bytes).digest(),
  fillRandom: bytes => void crypto.randomFillSync(bytes),
})

parentPort!.on('message', ({ bytes, starts }: Claims) => {
  const proven = equation.prove({ bytes, starts })
  parentPort!.postMessage({ bytes, proven }, [bytes.buffer as ArrayBuffer])
})
