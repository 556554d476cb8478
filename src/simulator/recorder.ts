import { CosmicError, fields, refuse, text } from '../base/index'
import { causesOf } from './causes-of'
import type { Scheduler } from './scheduler'

/** One line of a recording: what happened, when, to whom, and what it came from. */
export interface RecordedEvent {
  /** Counts from 1. */
  readonly n: number
  /** Virtual milliseconds. */
  readonly at: number
  /** The `n` of the event that led to it; 0 for none. */
  readonly cause: number
  readonly type: string
  readonly node?: string
  readonly [detail: string]: unknown
}

/** What the recorder itself says of an event. */
const OWN = ['n', 'at', 'cause', 'type'] as const

/** Numbers what happens, links it to its causes and keeps a digest by which two runs can be compared. */
export class Recorder {
  readonly #scheduler: Scheduler
  readonly #sink: ((event: RecordedEvent) => void) | undefined
  #count = 0
  #high = 0xdeadbeef
  #low = 0x41c6ce57

  constructor(scheduler: Scheduler, sink?: (event: RecordedEvent) => void) {
    this.#scheduler = scheduler
    this.#sink = sink
  }

  /** Events so far. */
  get count(): number {
    return this.#count
  }

  /** 16 hexadecimal digits over all events so far; it tells runs apart and protects nothing. */
  get digest(): string {
    return [this.#high, this.#low].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /**
   * What follows in this event of the world, and what that schedules, has it as cause. Throws `bad-type` or `bad-value` for
   * what no line of a recording can say.
   */
  record(type: string, details: Readonly<Record<string, unknown>> = {}): number {
    checkDetails(text(type, 'type'), details)
    const event: RecordedEvent = {
      n: this.#count + 1,
      at: this.#scheduler.now,
      cause: this.#scheduler.cause,
      type,
      ...details,
    }
    this.#mix(lineOf(event))
    this.#count = event.n
    this.#scheduler.cause = event.n
    this.#tell(event)
    return event.n
  }

  /** Who listens is outside the world: when it fails, the run ends, and nothing in the world does. */
  #tell(event: RecordedEvent): void {
    const fail = (cause: unknown) => this.#scheduler.break(failedToListen(cause))
    try {
      const told: unknown = this.#sink?.(event)
      if (told instanceof Promise) told.catch(fail)
    } catch (cause) {
      fail(cause)
    }
  }

  /** Two multiplicative 32-bit hashes side by side. */
  #mix(text: string): void {
    let [high, low] = [this.#high, this.#low]
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      high = Math.imul(high ^ code, 0x9e3779b1)
      low = Math.imul(low ^ code, 0x5f356495)
    }
    this.#high = high ^ (low >>> 13)
    this.#low = low ^ (high >>> 16)
  }
}

function checkDetails(type: string, details: unknown): void {
  const given = fields(details, 'details')
  for (const name of OWN)
    if (Object.hasOwn(given, name))
      refuse('bad-value', `details.${name}`, `what ${type} has of its own is called otherwise`)
  if (given['node'] !== undefined) text(given['node'], 'details.node')
}

function lineOf(event: RecordedEvent): string {
  try {
    return JSON.stringify(event)
  } catch (cause) {
    throw new CosmicError({ code: 'bad-type', field: 'details', hint: 'what JSON can say' }, { cause })
  }
}

/** A refusal stays what it is. */
function failedToListen(cause: unknown): CosmicError {
  if (cause instanceof CosmicError) return cause
  const hint = `it threw ${causesOf(cause)}`
  return new CosmicError({ code: 'aborted', field: 'onEvent', hint }, { cause })
}
