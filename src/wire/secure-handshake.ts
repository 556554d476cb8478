import { attempt, concat, CosmicError, fail, unwrap, utf8, type Failure, type Result } from '../base/index'
import { checkIdentity, noisePrologue, PROOF_BYTES, proveIdentity, type Role } from './identity-proof'
import type { MessageInbox } from './message-inbox'
import { KEY_BYTES, TAG_BYTES, type CipherState } from './noise-symmetric'
import { NoiseHandshake, noiseKeyPair, type NoiseKeyPair } from './noise-xx'
import {
  checkChosen,
  chooseVersion,
  noVersion,
  readOffer,
  refusedFor,
  VERSION_OFFER,
  VERSION_REFUSAL,
} from './protocol-versions'
import type { SecureChannelOptions } from './secure-channel'
import type { Connection } from './transport'

/** How long a handshake may take at most, in milliseconds. */
const HANDSHAKE_MS = 10_000

const MAX_NETWORK_BYTES = 255

/** Exact sizes of the second and third message: e, s, the version and a proof; s and a proof. Others are refused before any cryptography. */
const ANSWER_BYTES = 2 * KEY_BYTES + 1 + PROOF_BYTES + 2 * TAG_BYTES
const LAST_BYTES = KEY_BYTES + PROOF_BYTES + 2 * TAG_BYTES

/** What a finished handshake leaves behind. */
export interface Secured {
  /** did:key that the other side has proven. */
  readonly remote: string
  readonly binding: Uint8Array
  readonly send: CipherState
  /** The plaintext of the other side's next frame. */
  open(frame: Uint8Array): Result<Uint8Array>
}

/** Runs the handshake within its time; rejects with a `CosmicError`. The caller closes the connection then. */
export async function shakeHands(
  connection: Connection,
  inbox: MessageInbox,
  options: SecureChannelOptions,
): Promise<Secured> {
  const { signal, timers } = options
  if (utf8(options.network).length > MAX_NETWORK_BYTES)
    throw new CosmicError({ code: 'too-large', field: 'network', limit: MAX_NETWORK_BYTES })
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' })
  const stop = (failure: Failure) => {
    inbox.end({ ...failure, field: 'handshake' })
    void connection.close()
  }
  const limit = Math.min(options.handshakeMs ?? HANDSHAKE_MS, HANDSHAKE_MS)
  const cancel = timers.set(() => stop({ code: 'timeout', limit }), limit)
  const onAbort = () => stop({ code: 'aborted' })
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await exchange(connection, inbox, options)
  } catch (error) {
    // The time limit shows as a connection that is gone; the reason is what matters.
    throw inbox.failure ? new CosmicError(inbox.failure) : error
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}

function exchange(connection: Connection, inbox: MessageInbox, options: SecureChannelOptions): Promise<Secured> {
  // Drawn first, whoever speaks first.
  const staticKey = noiseKeyPair(options.random, options.crypto)
  return (connection.initiator ? initiate : respond)({ connection, inbox, options, staticKey })
}

interface Parts {
  readonly connection: Connection
  readonly inbox: MessageInbox
  readonly options: SecureChannelOptions
  readonly staticKey: NoiseKeyPair
}

async function initiate({ connection, inbox, options, staticKey }: Parts): Promise<Secured> {
  const noise = begin(true, VERSION_OFFER, options, staticKey)
  // In the clear, it says nothing about anyone.
  await connection.send(concat(VERSION_OFFER, noise.write(new Uint8Array(0))))
  const answer = await inbox.take()
  const refusal = refusedFor(answer)
  if (refusal) throw new CosmicError(refusal)
  const payload = unwrap(readMessage(noise, answer, ANSWER_BYTES))
  checkChosen(payload[0]!)
  const remote = await identityOf(noise, payload.subarray(1), 'responder', options)
  await connection.send(noise.write(await proveIdentity(options.signer, 'initiator', staticKey.publicKey)))
  return secured(noise, remote)
}

async function respond({ connection, inbox, options, staticKey }: Parts): Promise<Secured> {
  const first = await inbox.take()
  const offer = unwrap(readOffer(first, KEY_BYTES))
  const version = chooseVersion(offer)
  if (version === undefined) {
    await connection.send(VERSION_REFUSAL)
    throw new CosmicError(noVersion(offer.subarray(1)))
  }
  const noise = begin(false, offer, options, staticKey)
  unwrap(readMessage(noise, first.subarray(offer.length), KEY_BYTES))
  const proof = await proveIdentity(options.signer, 'responder', staticKey.publicKey)
  await connection.send(noise.write(concat(Uint8Array.of(version), proof)))
  const last = unwrap(readMessage(noise, await inbox.take(), LAST_BYTES))
  return secured(noise, await identityOf(noise, last, 'initiator', options))
}

function begin(
  initiator: boolean,
  offer: Uint8Array,
  { network, random, crypto }: SecureChannelOptions,
  staticKey: NoiseKeyPair,
): NoiseHandshake {
  const prologue = noisePrologue(offer, network)
  return new NoiseHandshake({ initiator, prologue, random, staticKey, ...(crypto && { crypto }) })
}

async function identityOf(
  noise: NoiseHandshake,
  proof: Uint8Array,
  role: Role,
  { crypto, expected }: SecureChannelOptions,
): Promise<string> {
  const remote = unwrap(await checkIdentity(proof, role, noise.remoteStatic!, crypto))
  checkExpected(remote, expected)
  return remote
}

function secured(noise: NoiseHandshake, remote: string): Secured {
  const { send, receive } = noise.split()
  return { remote, binding: noise.handshakeHash, send, open: frame => attempt(() => receive.decrypt(frame)) }
}

function readMessage(noise: NoiseHandshake, message: Uint8Array, size: number): Result<Uint8Array> {
  if (message.length !== size)
    return fail({ code: message.length < size ? 'truncated' : 'too-large', field: 'handshake', limit: size })
  const payload = noise.read(message)
  if (payload.ok || payload.error.code !== 'handshake') return payload
  return fail({
    ...payload.error,
    hint: 'another network id, another protocol version, or a message changed on the way',
  })
}

function checkExpected(remote: string, expected: string | undefined): void {
  if (expected === undefined || remote === expected) return
  throw new CosmicError({ code: 'handshake', field: 'identity', hint: `expected ${expected}, met ${remote}` })
}
