import { having } from '../../base/index'

/** What a span says of its work. Never what blocks, queries or tokens say. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Work under way. */
export interface Span {
  set(attributes: SpanAttributes): void
  /** Names it anew, once more is known. */
  rename(name: string): void
  /** Something that happened in it. */
  note(event: string, attributes?: SpanAttributes): void
  /** It failed: `code` is one of few. */
  fail(code: string): void
  end(): void
}

export interface SpanOptions {
  readonly kind?: 'internal' | 'server' | 'client'
  readonly attributes?: SpanAttributes
  /** The caller's W3C Trace Context by the names of its headers; what it does not name is read as absent. */
  readonly caller?: (header: string) => string | undefined
  /** Begins a trace of its own. */
  readonly isRoot?: boolean
}

/** Where spans go. */
export interface Tracer {
  /** Runs work inside a span, which ends with it. */
  run<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** A span that whoever opened it ends. */
  open(name: string, options: SpanOptions): Span
  /** Whether a span is under way around the caller. */
  readonly isInside: boolean
  /** Tells the headers by which whoever is called goes on with this trace. */
  propagate(header: (name: string, value: string) => void): void
}

/** Throws `bad-type`. */
export const readTracer = having<Tracer>('a tracer: await openTelemetryTracer()', 'run', 'open', 'propagate')
