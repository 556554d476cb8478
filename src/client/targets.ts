import { CosmicError, type ErrorCode, type Failure } from '../base/index'
import { PEER_LIMITS } from './peer-set'
import { Redial } from './redial'
import type { SessionPorts } from './session-runner'

/** An address that the user wants to be connected to, and who answered there. */
export interface Target {
  readonly address: string
  readonly expected: string | undefined
  readonly redial: Redial
  peer?: string
}

/** After these the other side may be well again: the address is dialled anew. After any other end it is at fault. */
const PASSING: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode | undefined>([
  undefined,
  'peer-gone',
  'timeout',
  'unreachable',
  'signaling',
  'limit',
  'storage',
])

/** A frame that does not decrypt may have been changed by anybody on the way, who must not part two peers for ever. */
function isAltered(failure: Failure | undefined): boolean {
  return failure?.field === 'noise'
}

/** What the user wants to be connected to, by address. */
export class Targets {
  readonly #targets = new Map<string, Target>()
  readonly #ports: SessionPorts
  readonly #dial: (target: Target) => void

  constructor(ports: SessionPorts, dial: (target: Target) => void) {
    this.#ports = ports
    this.#dial = dial
  }

  /** Adds an address, in place of an earlier wish for it. Throws `limit`. */
  add(address: string, expected: string | undefined): Target {
    const before = this.#targets.get(address)
    if (before) this.drop(before)
    const limit = PEER_LIMITS.outgoing
    if (this.#targets.size >= limit) throw new CosmicError({ code: 'limit', field: 'connections', limit })
    const redial: Redial = new Redial(this.#ports.timers, this.#ports.random, () => this.#dial(target))
    const target: Target = { address, expected, redial }
    this.#targets.set(address, target)
    return target
  }

  has(target: Target): boolean {
    return this.#targets.get(target.address) === target
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

  /** The session with this peer has ended: dials again where that may help. */
  ended(peer: string, failure: Failure | undefined): void {
    for (const target of this.#of(peer)) {
      if (PASSING.has(failure?.code) || isAltered(failure)) target.redial.schedule()
      else this.drop(target)
    }
  }

  #of(peer: string): Target[] {
    return [...this.#targets.values()].filter(target => target.peer === peer)
  }
}
