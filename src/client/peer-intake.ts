import { mapList } from '../base/index'
import type { Verdict } from '../validate/index'
import type { Intake } from './intake'

/** How much of what peers send is in the funnel at once; the rest waits as bytes, within the windows of the sessions. */
export const INTAKE_LIMITS = {
  /** Blocks that go in together, and bytes from which on no more are added to them. */
  blocks: 512,
  bytes: 4_194_304,
  /** Calls under way for one peer: some are verified while those before are stored. */
  perPeer: 3,
  /** Blocks that are worth one more call: with fewer, more commits would cost more than verifying meanwhile saves. */
  more: 512,
  all: 8,
} as const

/** A block's verdict, and whether it was new here. */
export interface Taken {
  readonly verdict: Verdict
  readonly added: boolean
}

/** An envelope under the id that was made from it. */
export interface Envelope {
  readonly id: string
  readonly bytes: Uint8Array
}

interface Waiting {
  readonly peer: string
  readonly blocks: readonly Envelope[]
  resolve(taken: readonly Taken[]): void
  reject(error: unknown): void
}

/**
 * Lets the blocks of peers into the funnel. What comes while it is busy goes in together, since proving signatures and
 * committing take little longer for many than for few.
 *
 * Invariants: (1) the batches of one peer go in in the order in which they came; (2) nobody waits for another peer while
 * there is room: a peer takes one more call only when none without one waits, and much of its own does; (3) a failure is told to those alone whose
 * blocks were in the call.
 */
export class PeerIntake {
  readonly #intake: Pick<Intake, 'take'>
  #waiting: Waiting[] = []
  readonly #calls = new Map<string, number>()
  #running = 0

  constructor(intake: Pick<Intake, 'take'>) {
    this.#intake = intake
  }

  take(blocks: readonly Envelope[], peer: string): Promise<readonly Taken[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ peer, blocks, resolve, reject })
      this.#goOn()
    })
  }

  #goOn(): void {
    while (this.#running < INTAKE_LIMITS.all) {
      const peer = this.#nextPeer()
      if (peer === undefined) return
      void this.#run(peer, this.#gather(peer))
    }
  }

  #nextPeer(): string | undefined {
    const peers = new Set(this.#waiting.map(({ peer }) => peer))
    const callsOf = (peer: string) => this.#calls.get(peer) ?? 0
    for (const peer of peers) if (callsOf(peer) === 0) return peer
    for (const peer of peers) if (callsOf(peer) < INTAKE_LIMITS.perPeer && this.#isMuch(peer)) return peer
    return undefined
  }

  #isMuch(peer: string): boolean {
    let [count, bytes] = [0, 0]
    for (const each of this.#waiting) {
      if (each.peer !== peer) continue
      count += each.blocks.length
      for (const block of each.blocks) bytes += block.bytes.length
    }
    return count >= INTAKE_LIMITS.more || bytes >= INTAKE_LIMITS.bytes
  }

  /** The first batches of a peer: one at least, then as many as fit. */
  #gather(peer: string): readonly Waiting[] {
    const group: Waiting[] = []
    let [count, bytes, full] = [0, 0, false]
    this.#waiting = this.#waiting.filter(each => {
      if (full || each.peer !== peer) return true
      full = group.length > 0 && (count + each.blocks.length > INTAKE_LIMITS.blocks || bytes >= INTAKE_LIMITS.bytes)
      if (full) return true
      group.push(each)
      count += each.blocks.length
      for (const block of each.blocks) bytes += block.bytes.length
      return false
    })
    return group
  }

  async #run(peer: string, group: readonly Waiting[]): Promise<void> {
    this.#count(peer, 1)
    const blocks = group.flatMap(each => each.blocks)
    try {
      const taken = await this.#take(blocks, peer)
      let next = 0
      for (const each of group) each.resolve(taken.slice(next, (next += each.blocks.length)))
    } catch (error) {
      for (const each of group) each.reject(error)
    }
    this.#count(peer, -1)
    this.#goOn()
  }

  async #take(blocks: readonly Envelope[], peer: string): Promise<readonly Taken[]> {
    const added = new Set<string>()
    const inputs = mapList(blocks, ({ bytes }) => bytes)
    const ids = mapList(blocks, ({ id }) => id)
    const verdicts = await this.#intake.take(inputs, peer, { ids, onAdded: id => added.add(id) })
    return mapList(verdicts, verdict => ({ verdict, added: 'block' in verdict && added.delete(verdict.block.id) }))
  }

  #count(peer: string, by: 1 | -1): void {
    this.#running += by
    const calls = (this.#calls.get(peer) ?? 0) + by
    if (calls === 0) this.#calls.delete(peer)
    else this.#calls.set(peer, calls)
  }
}
