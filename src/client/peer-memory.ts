import { concat, equal, utf8, type Clock } from '../base/index'
import type { KeyValueStorage } from '../store/index'
import { SESSION_LIMITS, type ResumePoint } from '../sync/index'

/** `sync/peer/`, did:key → what is remembered. */
const PREFIX = utf8('sync/peer/')
const PREFIX_END = utf8('sync/peer0')

/** So many peers are remembered; the one that was heard of longest ago goes first, and is compared with anew when it comes. */
export const MOST_REMEMBERED = 1_024

interface Memory {
  /** As the peer told it. */
  readonly cursor: Uint8Array
  /** When the last audit with it ended, and when this was written, in milliseconds of the clock. */
  readonly audited: number
  readonly written: number
  /** Under which it was written. */
  readonly terms: Uint8Array
}

export interface PeerMemoryParts {
  readonly side: Pick<KeyValueStorage, 'range' | 'batch'>
  readonly clock: Clock
  /** Between two audits with a peer, in milliseconds. */
  readonly auditMs: number
  /** What this node takes now, as 8 bytes: what was remembered under other terms is not gone on from, so that an audit follows. */
  readonly terms: () => Uint8Array
  readonly onError: (error: unknown) => void
}

/**
 * How far this node has dealt with the log of each peer. Kept beside the blocks, so that a copy or a backup of the store
 * remembers what its own blocks bear out. One write is under way at a time; what changes meanwhile goes with the next.
 */
export class PeerMemory {
  readonly #parts: PeerMemoryParts
  readonly #peers = new Map<string, Memory>()
  /** When audits ended that are not written down yet. */
  readonly #audited = new Map<string, number>()
  readonly #changed = new Set<string>()
  /** After something was lost here: with whom an audit has ended since. */
  #regained: Set<string> | undefined
  #writing: Promise<void> | undefined

  private constructor(parts: PeerMemoryParts) {
    this.#parts = parts
  }

  static async open(parts: PeerMemoryParts): Promise<PeerMemory> {
    const memory = new PeerMemory(parts)
    const found: [string, Memory][] = []
    for await (const [key, value] of parts.side.range({ gte: PREFIX, lt: PREFIX_END })) {
      const read = decode(value)
      if (read) found.push([new TextDecoder().decode(key.subarray(PREFIX.length)), read])
    }
    for (const [peer, read] of found.sort(([, a], [, b]) => a.written - b.written)) memory.#peers.set(peer, read)
    return memory
  }

  recall(peer: string): ResumePoint | undefined {
    const memory = this.#peers.get(peer)
    if (!memory || !equal(memory.terms, this.#parts.terms())) return undefined
    const { clock, auditMs } = this.#parts
    const age = clock.now() - (this.#audited.get(peer) ?? memory.audited)
    // A clock that was set back says nothing.
    return { cursor: memory.cursor, auditIn: age < 0 ? 0 : auditMs - age }
  }

  /** An audit with this peer has ended. */
  audited(peer: string): void {
    this.#audited.set(peer, this.#parts.clock.now())
    this.#regained?.add(peer)
  }

  /** A block was lost here that may lie before any place: every peer is compared with before its log is gone on from again. */
  forgetAll(): void {
    this.#regained = new Set()
    for (const peer of this.#peers.keys()) this.#changed.add(peer)
    this.#peers.clear()
    if (this.#changed.size > 0) this.#writing ??= this.#write()
  }

  /** Everything up to this place of the peer's log was dealt with durably. */
  remember(peer: string, cursor: Uint8Array): void {
    if (this.#regained && !this.#regained.has(peer)) return
    const before = this.#peers.get(peer)
    const audited = this.#audited.get(peer) ?? before?.audited ?? 0
    this.#audited.delete(peer)
    this.#peers.delete(peer)
    this.#peers.set(peer, { cursor, audited, written: this.#parts.clock.now(), terms: this.#parts.terms() })
    this.#changed.add(peer)
    const [oldest] = this.#peers.keys()
    if (this.#peers.size > MOST_REMEMBERED && oldest !== undefined) {
      this.#peers.delete(oldest)
      this.#changed.add(oldest)
    }
    this.#writing ??= this.#write()
  }

  /** The session with this peer has ended. */
  left(peer: string): void {
    this.#audited.delete(peer)
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    try {
      while (this.#changed.size > 0) {
        const peers = [...this.#changed]
        this.#changed.clear()
        await this.#parts.side.batch(peers.map(peer => this.#operation(peer)))
      }
    } catch (error) {
      this.#parts.onError(error)
    } finally {
      this.#writing = undefined
    }
  }

  #operation(peer: string) {
    const key = concat(PREFIX, utf8(peer))
    const memory = this.#peers.get(peer)
    if (!memory) return { type: 'delete', key } as const
    return { type: 'put', key, value: encode(memory) } as const
  }
}

/** terms (8) ‖ audited (8, big-endian) ‖ written (8) ‖ cursor. */
const HEAD_BYTES = 24

function encode({ cursor, audited, written, terms }: Memory): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES)
  head.set(terms)
  const view = new DataView(head.buffer)
  view.setBigUint64(8, BigInt(Math.max(0, Math.floor(audited))))
  view.setBigUint64(16, BigInt(Math.max(0, Math.floor(written))))
  return concat(head, cursor)
}

function decode(value: Uint8Array): Memory | undefined {
  const cursor = value.slice(HEAD_BYTES)
  if (cursor.length === 0 || cursor.length > SESSION_LIMITS.cursor) return undefined
  const terms = value.slice(0, 8)
  const view = new DataView(value.buffer, value.byteOffset)
  return { cursor, audited: Number(view.getBigUint64(8)), written: Number(view.getBigUint64(16)), terms }
}
