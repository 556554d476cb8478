import { decodeCanonical, encodeCanonical, unwrap, type CborMap, type CborValue } from '../../../src/base/index'
import { createBlock, openEnvelope, type EmbeddingBlock, type VectorFields } from '../../../src/block/index'
import { Signer, type SigningIdentity } from '../../../src/signer/index'
import type { Check, Verdict } from '../../../src/validate/index'

export const NOW = Date.UTC(2026, 10, 22, 18)
export const clock = { now: () => NOW }
export const vienna = { latitude: 48.2082, longitude: 16.3738, elevation: 171 }

export const alice = await Signer.fromSeed(new Uint8Array(32).fill(1))
export const bob = await Signer.fromSeed(new Uint8Array(32).fill(2))

/** A block of one minute ago, without a place. */
export function placeless(
  fields: Partial<VectorFields> = {},
  signer: SigningIdentity = alice,
): Promise<EmbeddingBlock> {
  const input = { type: 'text', content: 'Water boils at 100 °C.' } as const
  const time = NOW - 60_000
  return createBlock({ embedding: [0.5, -0.25, 1], model: 'acme:embed-1', input, time, ...fields }, signer)
}

/** A block of one minute ago, with the sky of Vienna unless told otherwise. */
export function block(fields: Partial<VectorFields> = {}, signer?: SigningIdentity): Promise<EmbeddingBlock> {
  return placeless({ place: vienna, ...fields }, signer)
}

/** The bytes of a payload that nobody checked, in an envelope signed by `signer`. */
export async function sealed(payload: Uint8Array, signer: SigningIdentity = alice): Promise<Uint8Array> {
  const head = Uint8Array.of(0xa1, 0x01, 0x27)
  const signature = await signer.sign(encodeCanonical(['Signature1', head, new Uint8Array(0), payload]))
  return encodeCanonical([head, new Map(), payload, signature])
}

/** The bytes of a block whose payload was changed and signed anew: what an author of bad faith can send. */
export async function resigned(
  { bytes }: EmbeddingBlock,
  change: (payload: Map<string, CborValue>) => void,
  signer: SigningIdentity = alice,
): Promise<Uint8Array> {
  const payload = new Map(unwrap(decodeCanonical(unwrap(openEnvelope(bytes)).payload)) as CborMap)
  change(payload)
  return sealed(encodeCanonical(payload), signer)
}

/** How each step of a validation went. */
export function statuses({ checks }: Verdict): Record<string, Check['status']> {
  return Object.fromEntries(checks.map(check => [check.name, check.status]))
}
