import type { Verdict } from '../validate/index'
import type { Intake } from './intake'

/** How much of what peers send is in the funnel at once; the rest waits as bytes, within the windows of the sessions. */
export const INTAKE_LIMITS = {
  /** Blocks that go in together, and bytes from which on no more are added to them. */
  blocks: 256,
  bytes: 4_194_304,
  /** Calls under way for one peer: one is verified while the one before is stored. */
  perPeer: 2,
  all: 8,
} as const

/** A block's verdict, and whether it was new here. */
export interface Taken {
  readonly verdict: Verdict
  readonly added: boolean
}

interface Waiting {
  readonly peer: string
  readonly inputs: readonly Uint8Array[]
  resolve(taken: readonly Taken[]): void
  reject(error: unknown): void
}

/**
 * Lets the blocks of peers into the funnel. What comes while it is busy goes in together, since proving signatures and
 * committing take little longer for many than for few.
 *
 * Invariants: (1) the batches of one peer go in in the order in which they came; (2) nobody waits for another peer while
 * there is room: a peer takes a second call only when none without one waits; (3) a failure is told to those alone whose
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

  take(inputs: readonly Uint8Array[], peer: string): Promise<readonly Taken[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ peer, inputs, resolve, reject })
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
    const callsOf = ({ peer }: Waiting) => this.#calls.get(peer) ?? 0
    const next =
      this.#waiting.find(each => callsOf(each) === 0) ??
      this.#waiting.find(each => callsOf(each) < INTAKE_LIMITS.perPeer)
    return next?.peer
  }

  /** The first batches of a peer: one at least, then as many as fit. */
  #gather(peer: string): readonly Waiting[] {
    const group: Waiting[] = []
    let [blocks, bytes, full] = [0, 0, false]
    this.#waiting = this.#waiting.filter(each => {
      if (full || each.peer !== peer) return true
      if (group.length > 0 && (blocks + each.inputs.length > INTAKE_LIMITS.blocks || bytes >= INTAKE_LIMITS.bytes)) {
        full = true
        return true
      }
      group.push(each)
      blocks += each.inputs.length
      for (const { length } of each.inputs) bytes += length
      return false
    })
    return group
  }

  async #run(peer: string, group: readonly Waiting[]): Promise<void> {
    this.#count(peer, 1)
    try {
      const added = new Set<string>()
      const inputs = group.flatMap(each => each.inputs)
      const verdicts = await this.#intake.take(inputs, peer, { onAdded: id => added.add(id) })
      const taken = verdicts.map(verdict => ({ verdict, added: 'block' in verdict && added.delete(verdict.block.id) }))
      let next = 0
      for (const each of group) each.resolve(taken.slice(next, (next += each.inputs.length)))
    } catch (error) {
      for (const each of group) each.reject(error)
    }
    this.#count(peer, -1)
    this.#goOn()
  }

  #count(peer: string, by: 1 | -1): void {
    this.#running += by
    const calls = (this.#calls.get(peer) ?? 0) + by
    if (calls === 0) this.#calls.delete(peer)
    else this.#calls.set(peer, calls)
  }
}
