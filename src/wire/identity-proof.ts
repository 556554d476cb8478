import { concat, fail, ok, utf8, type Result } from '../base/index'
import { didKey, isAcceptableIdentity, type SigningIdentity } from '../signer/index'
import { CHANNEL_CRYPTO, type ChannelCrypto } from './channel-crypto'

/** What an identity signs in front of its Noise static key. */
const PROOF_LABEL = 'cosmic-embeddings/noise/1'

/** Bytes of a proof: Ed25519 public key, then signature. */
export const PROOF_BYTES = 32 + 64

export type Role = 'initiator' | 'responder'

/**
 * The Noise prologue: label, the initiator's offer of versions, and the network's id after its length. Sides that differ in any of it, as
 * after an offer that was changed on its way, cannot complete a handshake.
 */
export function noisePrologue(offer: Uint8Array, network: string): Uint8Array {
  const id = utf8(network)
  return concat(utf8(PROOF_LABEL), offer, Uint8Array.of(id.length >> 8, id.length & 255), id)
}

/** The handshake payload that ties an identity to the Noise static key which it speaks with. */
export async function proveIdentity(signer: SigningIdentity, role: Role, staticKey: Uint8Array): Promise<Uint8Array> {
  return concat(signer.publicKey, await signer.sign(proofMessage(role, staticKey)))
}

/** The did:key behind a proof. `bad-author-key`: no acceptable identity; `bad-signature`; `wrong-length`. */
export async function checkIdentity(
  proof: Uint8Array,
  role: Role,
  staticKey: Uint8Array,
  { verify }: Pick<ChannelCrypto, 'verify'> = CHANNEL_CRYPTO,
): Promise<Result<string>> {
  if (proof.length !== PROOF_BYTES) return fail({ code: 'wrong-length', field: 'identity', limit: PROOF_BYTES })
  const publicKey = proof.slice(0, 32)
  if (!isAcceptableIdentity(publicKey)) return fail({ code: 'bad-author-key', field: 'identity' })
  const valid = await verify(publicKey, proofMessage(role, staticKey), proof.slice(32))
  return valid ? ok(didKey(publicKey)) : fail({ code: 'bad-signature', field: 'identity' })
}

/** The role keeps a proof from being turned round; the label keeps it from being taken for any other signature. */
function proofMessage(role: Role, staticKey: Uint8Array): Uint8Array {
  return concat(utf8(PROOF_LABEL), utf8(role), staticKey)
}
