import { CosmicError, fields, func, refuse, text } from '../base/index'
import { checkPlan } from './check-plan'
import { type Plan, PLAN_VERSION } from './plan'
import type { RecordedEvent } from './recorder'
import type { RunReport } from './run-plan'

/** What a recording's first line says it is. */
export const RECORDING_FORMAT = 'cosmic-embeddings/recording'

/** A run as it was recorded: its plan, what happened, and how it ended (docs/simulator.md, "Recordings"). */
export interface Recording {
  readonly plan: Plan
  readonly events: readonly RecordedEvent[]
  /** Absent when the run was cut short. */
  readonly end?: Pick<RunReport, 'violations' | 'rounds' | 'digest' | 'totals'>
}

/** The lines of a recording, for a file of JSON lines: the first names format and plan, the last how it ended. */
export class RecordingWriter {
  readonly #write: (line: string) => void

  constructor(plan: Plan, write: (line: string) => void) {
    checkPlan(plan)
    func(write, 'write')
    this.#write = write
    write(JSON.stringify({ format: RECORDING_FORMAT, version: PLAN_VERSION, plan }))
  }

  event(event: RecordedEvent): void {
    fields(event, 'event')
    this.#write(JSON.stringify(event))
  }

  end(report: RunReport): void {
    const { violations, rounds, digest, totals } = fields(report, 'report') as unknown as RunReport
    this.#write(JSON.stringify({ end: { violations, ...(rounds !== undefined && { rounds }), digest, totals } }))
  }
}

/**
 * Reads a recording back. Throws `bad-json` for what is no JSON lines, `version` for one of another version, `bad-value` for
 * something else.
 */
export function readRecording(recorded: string): Recording {
  const lines = text(recorded, 'text')
    .split('\n')
    .filter(line => line.trim() !== '')
  const [head, ...rest] = lines.map(parse)
  if (!head || head['format'] !== RECORDING_FORMAT)
    throw new CosmicError({ code: 'bad-value', field: 'format', hint: RECORDING_FORMAT })
  if (head['version'] !== PLAN_VERSION)
    throw new CosmicError({
      code: 'version',
      field: 'version',
      limit: PLAN_VERSION,
      hint: 'it was made by another version',
    })
  const plan = head['plan'] as Plan
  checkPlan(plan)
  const last = rest.at(-1)?.['end'] as Recording['end']
  const events = (last ? rest.slice(0, -1) : rest) as unknown as RecordedEvent[]
  return { plan, events, ...(last && { end: last }) }
}

function parse(line: string, index: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // refused below
  }
  throw new CosmicError({ code: 'bad-json', field: `line ${index + 1}` })
}

function readEvent(event: RecordedEvent): RecordedEvent {
  const { at, type, node = '' } = fields(event, 'event')
  if (typeof at !== 'number') refuse('bad-type', 'event.at', 'milliseconds')
  text(type, 'event.type')
  text(node, 'event.node')
  return event
}

/** One event as a line for people: number, time, cause, what, who, details. */
export function describeEvent(event: RecordedEvent): string {
  const { n, at, cause, type, node = '', ...details } = readEvent(event)
  const rest = Object.entries(details).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const columns = [String(n).padStart(6), `${(at / 1000).toFixed(3)} s`.padStart(12), `after ${cause}`.padEnd(12)]
  return [...columns, type.padEnd(16), node.padEnd(8), rest.join(' ')].join(' ').trimEnd()
}
