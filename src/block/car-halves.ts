import { fail, ok, type Failure, type Result } from '../base/index'
import { decodeNode } from './car-format'
import type { CarSection } from './car-sections'
import { sealEnvelope } from './envelope'
import { LIMITS } from './limits'

/** Bytes of payloads and signatures that may wait for their other half; of an archive of ours one payload waits. */
export const MAX_WAITING = 4 * 1024 * 1024

/** A payload or a signature, and where its section stands. */
interface Half {
  readonly start: number
  readonly end: number
  readonly payload?: Uint8Array
  readonly signature?: Uint8Array
}

/** Brings the payloads and signatures of an archive together, in whichever order they come. */
export class CarHalves {
  /** By the payload's id, the one that came first in front. */
  readonly #waiting = new Map<string, Half>()
  #held = 0

  /** The envelope that a section completes, and what had to be given up to keep within `MAX_WAITING`. */
  add({ start, end, id, bytes }: CarSection): Result<Uint8Array>[] {
    const node = decodeNode(bytes)
    const key = (node?.id ?? id).toString()
    const half: Half = { start, end, ...(node ? { signature: node.signature } : { payload: bytes }) }
    const { payload, signature } = { ...this.#waiting.get(key), ...half }
    if (payload !== undefined && signature !== undefined) {
      this.#remove(key)
      return [envelopeOf(payload, signature, start)]
    }
    if (this.#waiting.has(key)) return []
    this.#waiting.set(key, half)
    this.#held += sizeOf(half)
    return this.#held > MAX_WAITING ? [fail(this.#giveUp(this.#waiting.keys().next().value!))] : []
  }

  /** Where an import goes on without losing what waits here, when all before `end` was read. */
  resumeAt(end: number): number {
    const [oldest] = this.#waiting.values()
    return oldest?.start ?? end
  }

  /** Whether the last of the sections, which ends at `end`, waits for a half that the archive was cut before. */
  isCut(end: number): boolean {
    return [...this.#waiting.values()].at(-1)?.end === end
  }

  /** Gives up everything that waits, but the half that ends at `end`. */
  close(end: number): Failure[] {
    const abandoned = [...this.#waiting].filter(([, half]) => half.end !== end)
    return abandoned.map(([key]) => this.#giveUp(key))
  }

  #giveUp(key: string): Failure {
    const { start, payload } = this.#remove(key)!
    const field = payload === undefined ? 'payload' : 'signature'
    return { code: 'missing-field', field, offset: start, hint: `the other half of ${key}` }
  }

  #remove(key: string): Half | undefined {
    const half = this.#waiting.get(key)
    if (half !== undefined) this.#held -= sizeOf(half)
    this.#waiting.delete(key)
    return half
  }
}

function sizeOf({ payload, signature }: Half): number {
  return (payload ?? signature)!.length
}

function envelopeOf(payload: Uint8Array, signature: Uint8Array, offset: number): Result<Uint8Array> {
  const envelope = sealEnvelope(payload, signature)
  return envelope.length > LIMITS.envelope
    ? fail({ code: 'too-large', field: 'section', offset, limit: LIMITS.envelope })
    : ok(envelope)
}
