import type { PeerInstance } from '#simple-peer'
import type { Failure } from '../../../base/index'
import type { MessagePipe } from '../message-connection'
import { whenDrained } from '../when-drained'

/**
 * How long the other side may take to confirm an orderly end. What was sent before must arrive first, and lost packets are
 * sent again with pauses that grow to 3 s; a path that is down ends the link sooner.
 */
const END_MS = 15_000
/** How long it may take when it broke the rules: nobody waits for what it has to say. */
const BREACH_MS = 2_000
/** How long nothing may leave while an agent that is closing waits for the end. */
const STUCK_MS = 2_000

/**
 * The data channel of one peer. An end is said with a text and confirmed with a text: closing a data channel, or an empty
 * buffer, says nothing about what has arrived. Whoever hears the confirmation closes the channel.
 */
export class PeerPipe implements MessagePipe {
  readonly #peer: PeerInstance
  #ending: Promise<void> | undefined
  #hurried = false

  constructor(peer: PeerInstance) {
    this.#peer = peer
  }

  get buffered(): number {
    return this.#peer.bufferSize
  }

  write(message: Uint8Array): void {
    this.#attempt(() => this.#peer.send(message))
  }

  whenDrained(notify: () => void): void {
    whenDrained(() => (this.#peer.destroyed ? undefined : this.buffered), notify)
  }

  close(failure: Failure | undefined): Promise<void> {
    if (!failure) return this.#end('end', END_MS)
    return this.#end(failure.code === 'limit' ? 'end limit' : 'end protocol', BREACH_MS)
  }

  /** The other side has said its end: the confirmation of ours, or else we confirm and leave the closing to it. */
  confirmEnd(): void {
    if (this.#ending) this.#peer.destroy()
    else void this.#end('end', END_MS)
  }

  /** From now on an end is given up once nothing moves any more: its agent is closing. */
  hurry(): void {
    if (!this.#hurried && this.#ending) this.#giveUpOnceStuck()
    this.#hurried = true
  }

  #giveUpOnceStuck(): void {
    const before = this.buffered
    if (this.#peer.destroyed) return
    const timer = setTimeout(() => {
      if (this.buffered < before) this.#giveUpOnceStuck()
      else this.#peer.destroy()
    }, STUCK_MS)
    this.#peer.on('close', () => clearTimeout(timer))
  }

  #end(words: string, patience: number): Promise<void> {
    this.#ending ??= this.#sayEnd(words, patience)
    return this.#ending
  }

  #sayEnd(words: string, patience: number): Promise<void> {
    const peer = this.#peer
    if (peer.destroyed) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(() => peer.destroy(), patience)
      peer.on('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#attempt(() => peer.send(words))
      if (this.#hurried) this.#giveUpOnceStuck()
    })
  }

  /** A channel that takes nothing any more is at its end. */
  #attempt(send: () => void): void {
    try {
      send()
    } catch {
      this.#peer.destroy()
    }
  }
}
