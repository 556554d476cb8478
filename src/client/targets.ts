import { type Clock, CosmicError, type ErrorCode, type Failure } from '../base/index'
import { PEER_LIMITS } from './peer-set'
import type { OwnAttempt } from '../wire/index'
import { Redial, type RedialPorts } from './redial'
import type { ConnectionStatus, PastFailure } from './sync-status'

/** An address that the user wants to be connected to, and who answered there. */
export interface Target {
  readonly address: string
  readonly expected: string | undefined
  readonly redial: Redial
  peer?: string
  lastError?: PastFailure
}

/** After these the other side may be well again soon. After any other end it is at fault. */
const PASSING: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode | undefined>([
  undefined,
  'peer-gone',
  'timeout',
  'unreachable',
  'signaling',
  'limit',
  'storage',
])

/**
 * A frame that does not decrypt, and whatever breaks a connection below the secure channel, such as the page that a proxy answers with,
 * may be the doing of anybody on the way, who must not part two peers for ever.
 */
function isAltered(failure: Failure | undefined): boolean {
  return failure?.field === 'noise' || failure?.field === 'connection'
}

/** Whether the other side may be well again soon. */
export function isPassing(failure: Failure | undefined): boolean {
  return PASSING.has(failure?.code) || isAltered(failure)
}

/** What the user wants to be connected to, by address. */
export class Targets {
  readonly #targets = new Map<string, Target>()
  readonly #ports: RedialPorts
  readonly #dial: (target: Target) => void
  readonly #onRetry: (target: Target) => void

  /** `dial`: an address is due. `onRetry`: it will be, at `target.redial.next`. */
  constructor(ports: RedialPorts, dial: (target: Target) => void, onRetry: (target: Target) => void) {
    this.#ports = ports
    this.#dial = dial
    this.#onRetry = onRetry
  }

  /** Adds an address, in place of an earlier wish for it. Throws `limit`. */
  add(address: string, expected: string | undefined): Target {
    const before = this.#targets.get(address)
    if (before) this.drop(before)
    const limit = PEER_LIMITS.outgoing
    if (this.#targets.size >= limit) throw new CosmicError({ code: 'limit', field: 'connections', limit })
    const redial: Redial = new Redial(this.#ports, () => this.#dial(target))
    const target: Target = { address, expected, redial }
    this.#targets.set(address, target)
    return target
  }

  has(target: Target): boolean {
    return this.#targets.get(target.address) === target
  }

  /** Whether an address is one of them. */
  wishes(address: string): boolean {
    return this.#targets.has(address)
  }

  /** Whether a peer (did:key) has answered at one of the addresses. */
  wants(peer: string): boolean {
    return this.#of(peer).length > 0
  }

  drop(target: Target): void {
    target.redial.cancel()
    if (this.has(target)) this.#targets.delete(target.address)
  }

  /** Forgets a peer (did:key) or an address, with all addresses of the same peer. Answers the peer's did:key. */
  forget(peerOrAddress: string): string {
    const named = this.#targets.get(peerOrAddress)
    if (named) this.drop(named)
    const peer = named?.peer ?? peerOrAddress
    this.#of(peer).forEach(target => this.drop(target))
    return peer
  }

  forgetAll(): void {
    for (const target of this.#targets.values()) this.drop(target)
  }

  /** The session with this peer does well: the next wait is the first one again. */
  steady(peer: string): void {
    for (const { redial } of this.#of(peer)) redial.reset()
  }

  /** The session with this peer has ended: dials again, much later where the other side is at fault. */
  ended(peer: string, failure: Failure | undefined): void {
    for (const target of this.#of(peer)) {
      this.#note(target, failure)
      if (isPassing(failure)) target.redial.schedule()
      else target.redial.suspend()
      this.#onRetry(target)
    }
  }

  /** An attempt has failed: another one follows. */
  failed(target: Target, failure: Failure): void {
    this.#note(target, failure)
    target.redial.schedule()
    this.#onRetry(target)
  }

  /** Every address; `isConnected` tells whether there is a session with a peer. */
  statuses(isConnected: (peer: string) => boolean): ConnectionStatus[] {
    return [...this.#targets.values()].map(target => statusOf(target, isConnected))
  }

  statusOf(target: Target): ConnectionStatus {
    return statusOf(target, () => false)
  }

  #note(target: Target, failure: Failure | undefined): void {
    if (failure) target.lastError = past(failure, this.#ports.clock.now())
  }

  #of(peer: string): Target[] {
    return [...this.#targets.values()].filter(target => target.peer === peer)
  }
}

function statusOf(
  { address, peer, redial, lastError }: Target,
  isConnected: (peer: string) => boolean,
): ConnectionStatus {
  const { failures, next, isSuspended } = redial
  const waiting = isSuspended ? 'suspended' : 'waiting'
  const attempting = next === undefined ? 'dialling' : waiting
  return {
    address,
    ...(peer !== undefined && { peer }),
    state: peer !== undefined && isConnected(peer) ? 'connected' : attempting,
    failures,
    ...(lastError && { lastError }),
    ...(next !== undefined && { nextRetry: next }),
  }
}

/** An attempt of a transport's own, as the status of an address. */
export function ownStatus(
  { address, failures, lastError, lastErrorAge = 0, wait }: OwnAttempt,
  clock: Clock,
): ConnectionStatus {
  const now = clock.now()
  return {
    address,
    state: wait === undefined ? 'dialling' : 'waiting',
    failures,
    ...(lastError && { lastError: past(lastError, now - lastErrorAge) }),
    ...(wait !== undefined && { nextRetry: now + wait }),
  }
}

export function asFailure(error: unknown): Failure {
  if (error instanceof CosmicError) return error
  return { code: 'unreachable', message: error instanceof Error ? error.message : String(error) }
}

/** Plain facts: an error's message is none of what is copied from it, and its name is. */
function past(failure: Failure, at: number): PastFailure {
  const { name: _, ...facts } = { name: undefined, ...failure }
  const { message } = failure
  return { ...facts, ...(message !== undefined && { message }), at }
}
