import { CosmicError, fields, func, isObject, list, milliseconds, offset, type Read, refuse, text } from '../base/index'
import { checkPlan } from './check-plan'
import { type Plan, PLAN_VERSION } from './plan'
import type { RecordedEvent } from './recorder'
import type { RunReport, RunTotals } from './run-plan'
import type { Violation } from './violations'

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
    this.#write = func(write, 'write')
    write(JSON.stringify({ format: RECORDING_FORMAT, version: PLAN_VERSION, plan }))
  }

  event(event: RecordedEvent): void {
    this.#write(JSON.stringify(fields(event, 'event')))
  }

  end(report: RunReport): void {
    const { violations, rounds, digest, totals } = fields(report, 'report') as unknown as RunReport
    this.#write(JSON.stringify({ end: { violations, ...(rounds !== undefined && { rounds }), digest, totals } }))
  }
}

/**
 * Reads a recording back; a byte order mark before it is passed over. Throws `bad-type` for what is no text, `bad-json` for what is no JSON lines, `version` for one of
 * another version, `bad-value` for something else, and as `runPlan` does for its plan, each with the line.
 */
export function readRecording(given: string): Recording {
  if (typeof given !== 'string') refuse('bad-type', 'recording', 'the text of a recording')
  const [head, ...rest] = linesOf(given.replace(/^\uFEFF/, ''))
  if (head?.value['format'] !== RECORDING_FORMAT) refuse('bad-value', 'format', RECORDING_FORMAT)
  const { version, plan } = head.value
  if (version !== PLAN_VERSION)
    throw new CosmicError({
      ...{ code: 'version', field: 'version', limit: PLAN_VERSION },
      hint: 'it was made by another version',
    })
  checkPlan(plan)
  const last = rest.at(-1)
  const hasEnd = last !== undefined && Object.hasOwn(last.value, 'end')
  const events = (hasEnd ? rest.slice(0, -1) : rest).map(readEvent)
  return { plan, events, ...(hasEnd && { end: readEnd(last) }) }
}

interface Line {
  readonly field: string
  readonly value: Readonly<Record<string, unknown>>
}

function linesOf(given: string): Line[] {
  return given.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, `line ${i + 1}`)]))
}

function parse(line: string, field: string): Line {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new CosmicError({ code: 'bad-json', field }, { cause })
  }
  return isObject(value) && !Array.isArray(value) ? { field, value } : refuse('bad-json', field, 'an object')
}

/** Types and details that are not known are passed over. */
function readEvent({ field, value }: Line, index: number): RecordedEvent {
  const { n, at, cause, type, node } = value
  if (n !== index + 1) refuse('bad-value', `${field}.n`, `${index + 1}: events are numbered from 1`)
  milliseconds(at, `${field}.at`)
  if (offset(cause, `${field}.cause`) > index) refuse('bad-value', `${field}.cause`, 'the number of an earlier event')
  text(type, `${field}.type`)
  if (node !== undefined) text(node, `${field}.node`)
  return value as unknown as RecordedEvent
}

const TOTALS: readonly (keyof RunTotals)[] = [
  ...(['time', 'events', 'recorded', 'messages', 'bytes', 'connections'] as const),
  ...(['exchanged', 'verified', 'published'] as const),
]

function readEnd({ field, value }: Line): NonNullable<Recording['end']> {
  const end = fields(value['end'], `${field}.end`)
  const violations = list(readViolation, Infinity)(end['violations'], `${field}.end.violations`)
  if (end['rounds'] !== undefined) offset(end['rounds'], `${field}.end.rounds`)
  text(end['digest'], `${field}.end.digest`)
  const totals = fields(end['totals'], `${field}.end.totals`)
  for (const name of TOTALS) milliseconds(totals[name], `${field}.end.totals.${name}`)
  return { ...end, violations } as NonNullable<Recording['end']>
}

const readViolation: Read<Violation> = (value, path) => {
  const { oracle, message, n, node } = fields(value, path)
  text(oracle, `${path}.oracle`)
  text(message, `${path}.message`)
  offset(n, `${path}.n`)
  if (node !== undefined) text(node, `${path}.node`)
  return value as Violation
}

/** One event as a line for people: number, time, cause, what, who, details. */
export function describeEvent(event: RecordedEvent): string {
  const { n, at, cause, type, node = '', ...details } = fields(event, 'event') as unknown as RecordedEvent
  milliseconds(at, 'event.at')
  text(type, 'event.type')
  text(node, 'event.node')
  const rest = Object.entries(details).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const columns = [String(n).padStart(6), `${(at / 1000).toFixed(3)} s`.padStart(12), `after ${cause}`.padEnd(12)]
  return [...columns, type.padEnd(16), node.padEnd(8), rest.join(' ')].join(' ').trimEnd()
}
