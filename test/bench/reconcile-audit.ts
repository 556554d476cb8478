import type { ReconcileSet, SessionEffect, SessionEvent, SessionOptions, SessionState } from '../../src/sync/index'
import type * as Parts from './reconcile-parts'

/** What one audit cost both sides: bytes of messages that compare, questions with their answers, processor time. */
export interface AuditCost {
  readonly bytes: number
  readonly rounds: number
  readonly ms: number
}

const COMPARING: ReadonlySet<string> = new Set(['span', 'sketch', 'more', 'cells', 'reconcile', 'reconciled'])

/** Two production sessions over two sets and no stores: every block that is asked for is gone. */
export class Audits {
  readonly #parts: typeof Parts
  readonly #sides: readonly [Side, Side]
  #bytes = 0
  #questions = 0

  constructor(parts: typeof Parts, sets: readonly [ReconcileSet, ReconcileSet], extensions: readonly string[]) {
    this.#parts = parts
    const side = (initiator: boolean): Side => ({
      state: parts.createSession(),
      outbox: [],
      options: {
        initiator,
        set: sets[initiator ? 0 : 1],
        bounds: () => ({ floor: 0, ceiling: 4_102_444_800_000 }),
        identify: () => ({ ok: false, error: { code: 'bad-envelope' } }),
        kinds: [],
        software: 'bench',
        extensions,
      },
    })
    this.#sides = [side(true), side(false)]
    for (const [n, each] of this.#sides.entries())
      this.#do(each, { type: 'open', seed: new Uint8Array(32).fill(n + 1) })
    this.#run()
  }

  /** One audit more, from its first message to its end. */
  audit(): AuditCost {
    this.#bytes = 0
    this.#questions = 0
    const before = process.cpuUsage()
    this.#do(this.#sides[0], { type: 'audit' })
    this.#run()
    const { user, system } = process.cpuUsage(before)
    return { bytes: this.#bytes, rounds: this.#questions / 2, ms: (user + system) / 1000 }
  }

  #do(side: Side, event: SessionEvent): void {
    const { state, effects } = this.#parts.step(side.options, side.state, event)
    side.state = state
    for (const effect of effects) this.#take(side, effect)
  }

  #take(side: Side, effect: SessionEffect): void {
    if (effect.type === 'send') side.outbox.push(effect.bytes)
    if (effect.type === 'load') this.#do(side, { type: 'loaded', blocks: effect.ids.map(id => ({ id })) })
    if (effect.type === 'close') throw new Error(`the session ended: ${JSON.stringify(effect.failure)}`)
  }

  /** Until nothing is under way. Heartbeats renew what a budget allows. */
  #run(): void {
    for (;;) {
      for (const [n, side] of this.#sides.entries())
        for (let bytes = side.outbox.shift(); bytes; bytes = side.outbox.shift()) {
          this.#count(bytes)
          this.#do(this.#sides[1 - n]!, { type: 'message', bytes })
        }
      if (this.#sides.some(({ outbox }) => outbox.length > 0)) continue
      if (this.#sides.every(({ state }) => state.audit === 'none' && !state.auditDue)) return
      for (const side of this.#sides) this.#do(side, { type: 'timer', name: 'heartbeat' })
    }
  }

  /** A message's type is the second byte: of the short ones there is nothing to decode. */
  #count(bytes: Uint8Array): void {
    const type = TYPES[bytes[1]!] ?? ''
    if (COMPARING.has(type)) this.#bytes += bytes.length
    if (type === 'reconcile' || type === 'more' || type === 'cells') this.#questions++
  }
}

const TYPES: Readonly<Record<number, string>> = {
  1: 'reconcile',
  2: 'reconciled',
  14: 'span',
  18: 'sketch',
  19: 'more',
  20: 'cells',
}

interface Side {
  state: SessionState
  readonly outbox: Uint8Array[]
  readonly options: SessionOptions
}
