import type { Context, Span as OtelSpan, TextMapGetter, TextMapSetter, TracerProvider } from '@opentelemetry/api'
import { CosmicError, having, loadPeer, record } from '../../base/index'
import { SCOPE } from './open-telemetry'
import type { Span, SpanAttributes, SpanOptions, Tracer } from './tracer'

export interface OpenTelemetryTracerOptions {
  /** Default: the global one, which the application's SDK registers. */
  readonly tracerProvider?: TracerProvider
}

type Header = NonNullable<SpanOptions['caller']>
const GETTER: TextMapGetter<Header> = { get: (header, name) => header(name), keys: () => [] }
const SETTER: TextMapSetter<(name: string, value: string) => void> = { set: (tell, name, value) => tell(name, value) }

const readOptions = record<OpenTelemetryTracerOptions>({ tracerProvider: having('a TracerProvider', 'getTracer') })

/**
 * Spans for OpenTelemetry, through its API alone (the optional package `@opentelemetry/api`). What carries a span from one call
 * to the next, and the headers of a trace, are those of the SDK that the application registers (by default W3C Trace Context).
 * Rejects with `missing-peer` where the package is not installed.
 *
 * @example
 * ```ts
 * const tracer = await openTelemetryTracer()
 * const node = await createNode(config, { instrumentation: traceNode(tracer) })
 * ```
 */
export async function openTelemetryTracer(options: OpenTelemetryTracerOptions = {}): Promise<Tracer> {
  const { tracerProvider } = readOptions(options, '')
  const { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await loadPeer(
    '@opentelemetry/api',
    () => import('@opentelemetry/api'),
  )
  const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE)
  const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT }
  const begin = (
    name: string,
    { kind = 'internal', attributes = {}, caller, isRoot }: SpanOptions,
    around: Context,
  ) => {
    const parent = caller ? propagation.extract(around, caller, GETTER) : around
    return tracer.startSpan(name, { kind: kinds[kind], attributes: given(attributes), root: isRoot === true }, parent)
  }
  const shown = (span: OtelSpan): Span => ({
    set: attributes => void span.setAttributes(given(attributes)),
    rename: name => void span.updateName(name),
    note: (event, attributes = {}) => void span.addEvent(event, given(attributes)),
    // Messages may quote what others wrote; the code says what it was.
    fail: code => void span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR }),
    end: () => span.end(),
  })
  return {
    async run(name, about, work) {
      const around = context.active()
      const span = begin(name, about, around)
      const own = shown(span)
      try {
        return await context.with(trace.setSpan(around, span), () => work(own))
      } catch (error) {
        own.fail(codeOf(error))
        throw error
      } finally {
        span.end()
      }
    },
    open: (name, about) => shown(begin(name, about, about.isRoot ? ROOT_CONTEXT : context.active())),
    get isInside() {
      return trace.getActiveSpan() !== undefined
    },
    propagate: header => propagation.inject(context.active(), header, SETTER),
  }
}

function given(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const known: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) known[name] = value
  return known
}

/** The code of a refusal: a closed union. What is no refusal is one kind of failure. */
export function codeOf(error: unknown): string {
  return error instanceof CosmicError ? error.code : '_OTHER'
}
