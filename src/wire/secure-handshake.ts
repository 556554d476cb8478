import { attempt, CosmicError, fail, unwrap, utf8, type Failure, type Result } from '../base/index'
import { checkIdentity, noisePrologue, PROOF_BYTES, proveIdentity, type Role } from './identity-proof'
import type { MessageInbox } from './message-inbox'
import { KEY_BYTES, TAG_BYTES, type CipherState } from './noise-symmetric'
import { NoiseHandshake } from './noise-xx'
import type { SecureChannelOptions } from './secure-channel'
import type { Connection } from './transport'

/** How long a handshake may take at most, in milliseconds. */
const HANDSHAKE_MS = 10_000

const MAX_NETWORK_BYTES = 255

/** Exact sizes of the three messages: e; e, s and a proof; s and a proof. Any other size is refused before any cryptography. */
const MESSAGE_BYTES = [KEY_BYTES, 2 * KEY_BYTES + PROOF_BYTES + 2 * TAG_BYTES, KEY_BYTES + PROOF_BYTES + 2 * TAG_BYTES]

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

async function exchange(connection: Connection, inbox: MessageInbox, options: SecureChannelOptions): Promise<Secured> {
  const { initiator } = connection
  const [ownRole, otherRole]: [Role, Role] = initiator ? ['initiator', 'responder'] : ['responder', 'initiator']
  const noise = new NoiseHandshake({
    initiator,
    prologue: noisePrologue(options.network),
    random: options.random,
    ...(options.crypto && { crypto: options.crypto }),
  })
  let remote = ''
  for (const [index, size] of MESSAGE_BYTES.entries()) {
    if (noise.turn === 'write') {
      // The first message is in the clear and says nothing about anyone.
      const proof =
        index > 0 ? await proveIdentity(options.signer, ownRole, noise.staticKey.publicKey) : new Uint8Array(0)
      await connection.send(noise.write(proof))
      continue
    }
    const proof = unwrap(readMessage(noise, await inbox.take(), size))
    if (index === 0) continue
    remote = unwrap(await checkIdentity(proof, otherRole, noise.remoteStatic!, options.crypto))
    checkExpected(remote, options.expected)
  }
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
