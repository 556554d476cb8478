import { CosmicError, fail, ok, type Failure, type Result } from '../base/index'

/** Versions of the secure channel that this side speaks, lowest first. */
const VERSIONS: readonly number[] = [1]
/** Versions that an offer names at most. */
const MAX_VERSIONS = 8

/** What the initiator says first: how many versions it speaks, and which. */
export const VERSION_OFFER: Uint8Array = Uint8Array.of(VERSIONS.length, ...VERSIONS)

/** The offer at the front of a first message whose rest has `rest` bytes: `truncated` or `too-large` when it is not that. */
export function readOffer(message: Uint8Array, rest: number): Result<Uint8Array> {
  const count = Math.max(1, Math.min(MAX_VERSIONS, message[0] ?? 0))
  const limit = 1 + count + rest
  if (message.length === limit && message[0] === count) return ok(message.slice(0, 1 + count))
  return fail({ code: message.length < limit ? 'truncated' : 'too-large', field: 'handshake', limit })
}

/** The highest version of an offer that this side speaks too. */
export function chooseVersion(offer: Uint8Array): number | undefined {
  return VERSIONS.findLast(version => offer.includes(version, 1))
}

/** What the responder says in the clear when there is none: zero, and its own offer. It proves nothing, and only explains. */
export const VERSION_REFUSAL: Uint8Array = Uint8Array.of(0, ...VERSION_OFFER)

/** The other side's versions, where a message is such a refusal. */
export function refusedFor(message: Uint8Array): Failure | undefined {
  const [zero, count = 0] = message
  if (zero !== 0 || count < 1 || count > MAX_VERSIONS || message.length !== 2 + count) return undefined
  return noVersion(message.subarray(2))
}

/** Refuses what was not offered. */
export function checkChosen(version: number): void {
  if (!VERSIONS.includes(version)) throw new CosmicError(noVersion([version]))
}

/** `theirs`: what the other side speaks. */
export function noVersion(theirs: ArrayLike<number>): Failure {
  const [own, other] = [VERSIONS, Array.from(theirs)].map(versions => versions.join(', '))
  return {
    code: 'version',
    field: 'handshake',
    hint: `this side speaks ${own} of the secure channel, the other ${other}`,
  }
}
