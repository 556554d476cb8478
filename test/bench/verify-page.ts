import { CosmicValidator, verifyBlocks } from 'cosmic-embeddings'
import type { BenchResult } from './benchmark'
import { compare } from './compare'

/** A sample as it reaches the page: byte strings in base64. */
export type PageSample = Readonly<Record<'bytes' | 'publicKey' | 'message' | 'signature', string>>

/** Checks in flight on either side: what `verifyBlocks` keeps unless told otherwise. */
const CONCURRENCY = 64

type Verify = () => Promise<boolean>

/** What the page measures: verification of blocks against WebCrypto alone, one by one and many at once. */
async function verifyInPage(samples: readonly PageSample[]): Promise<BenchResult[]> {
  const envelopes = samples.map(({ bytes }) => fromBase64(bytes))
  const raw = await Promise.all(samples.map(rawVerification))
  const validator = new CosmicValidator()
  return [
    await compare({
      case: 'one after the other in Chromium',
      ours: turn => validator.validate(envelopes[turn % envelopes.length]!),
      peers: { 'WebCrypto verify': turn => raw[turn % raw.length]!() },
    }),
    await compare({
      case: 'verifyBlocks in Chromium',
      perCall: envelopes.length,
      ours: () => verifyAll(envelopes),
      peers: { [`WebCrypto verify, ${CONCURRENCY} at once`]: () => runAll(raw) },
    }),
  ]
}

async function verifyAll(envelopes: readonly Uint8Array[]): Promise<void> {
  for await (const { result } of verifyBlocks(envelopes, { concurrency: CONCURRENCY })) {
    if (!result.ok) throw new Error(`a good block is refused: ${result.error.code}`)
  }
}

/** As many lanes as checks may be in flight, each taking the next that is left. */
async function runAll(verifications: readonly Verify[]): Promise<void> {
  const rest = verifications.values()
  const lane = async (): Promise<void> => {
    for (const verify of rest) if (!(await verify())) throw new Error('a good signature is refused')
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
}

/** With everything laid ready: the key imported, the bytes at hand. */
async function rawVerification(sample: PageSample): Promise<Verify> {
  const [publicKey, message, signature] = [sample.publicKey, sample.message, sample.signature].map(fromBase64)
  const key = await crypto.subtle.importKey('raw', publicKey!, 'Ed25519', false, ['verify'])
  return () => crypto.subtle.verify('Ed25519', key, signature!, message!)
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}

Object.assign(globalThis, { verifyInPage })
