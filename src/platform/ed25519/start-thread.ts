import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Claim } from '../types'
import type { ProverListener, ProverThread } from './prover'

/** The calling thread has work of its own. */
export const threadsAtMost = Math.max(1, Math.min(4, availableParallelism() - 1))

/** RFC 8032 section 7.1, tests 1 to 3. */
export const trial: readonly Claim[] = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
].map(([key, message, signature]) => [fromHex(key!), fromHex(message!), fromHex(signature!)] as const)

/** From its text, so that it starts wherever a bundler has put this module. */
export async function startThread(listener: ProverListener): Promise<ProverThread> {
  const { thread } = await import('./thread.generated')
  const worker = new Worker(thread, { eval: true, name: 'cosmic-embeddings signatures', execArgv: [], env: {} })
  worker.unref()
  worker.on('message', message => listener.answer(message))
  worker.on('error', () => listener.failed())
  worker.on('exit', () => listener.failed())
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    keep: alive => (alive ? worker.ref() : worker.unref()),
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
