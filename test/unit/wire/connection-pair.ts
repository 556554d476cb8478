import { CosmicError, type Failure, type Timers } from '../../../src/base/index'
import type { Connection } from '../../../src/wire/index'

/** What happens to a message on its way: it arrives as these messages. */
export type Tap = (message: Uint8Array, index: number) => readonly Uint8Array[]

const untouched: Tap = message => [message]

/** Two ends of one in-process wire. The taps see what the dialling and the answering side send. */
export function connectionPair(taps: { dialler?: Tap; answerer?: Tap } = {}): [WireEnd, WireEnd] {
  const dialler = new WireEnd(true, taps.dialler ?? untouched)
  const answerer = new WireEnd(false, taps.answerer ?? untouched)
  dialler.peer = answerer
  answerer.peer = dialler
  return [dialler, answerer]
}

export class WireEnd implements Connection {
  readonly remote = 'the other end'
  readonly closed: Promise<Failure | undefined>
  /** Every message as it was sent. */
  readonly log: Uint8Array[] = []
  peer!: WireEnd
  #resolve!: (failure: Failure | undefined) => void
  #open = true
  #handler: ((message: Uint8Array) => void) | undefined
  #early: Uint8Array[] = []

  constructor(
    readonly initiator: boolean,
    readonly tap: Tap,
  ) {
    this.closed = new Promise(resolve => (this.#resolve = resolve))
  }

  async send(message: Uint8Array): Promise<void> {
    if (!this.#open) throw new CosmicError({ code: 'peer-gone' })
    this.log.push(message.slice())
    for (const arriving of this.tap(message.slice(), this.log.length - 1)) this.peer.deliver(arriving)
    await Promise.resolve()
  }

  deliver(message: Uint8Array): void {
    if (!this.#open) return
    if (this.#handler) this.#handler(message)
    else this.#early.push(message)
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
    for (const message of this.#early.splice(0)) handler(message)
  }

  async close(): Promise<void> {
    this.end()
    this.peer.end()
  }

  end(failure?: Failure): void {
    this.#open = false
    this.#resolve(failure)
  }
}

/** Timers that fire when told to. */
export class ManualTimers implements Timers {
  readonly pending = new Set<{ callback: () => void; milliseconds: number }>()

  set(callback: () => void, milliseconds: number): () => void {
    const timer = { callback, milliseconds }
    this.pending.add(timer)
    return () => void this.pending.delete(timer)
  }

  fire(): void {
    for (const timer of [...this.pending]) {
      this.pending.delete(timer)
      timer.callback()
    }
  }
}
