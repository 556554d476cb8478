import { CosmicError } from '../../base/index'
import type { Config, Logger, NodeOptions, ResolvedConfig } from '../../setup/index'
import type { AnswerReport, ServeOptions } from '../http/index'
import { HttpProblem } from '../http/problem'
import type { McpOptions } from '../mcp/index'
import type { Recorder } from '../telemetry/index'
import type { CliHost } from './host'
import { loggerOf } from './logger-of'

/** What is written and measured while a node runs. */
export interface Watch {
  readonly logger: Logger
  /** For the node. */
  readonly options: Pick<NodeOptions, 'logger' | 'instrumentation'>
  /** For `GET /metrics`. */
  readonly figures: () => Promise<string>
  /** For the HTTP handler. */
  readonly http: Pick<ServeOptions, 'onAnswer' | 'onBroken' | 'around'>
  readonly mcp: Pick<McpOptions, 'around'>
}

/** Log and measurements of a node that serves; `quietest` as in `loggerOf`. */
export async function watchNode(
  host: CliHost,
  resolved: ResolvedConfig,
  quietest?: Config['log']['level'],
): Promise<Watch> {
  const { combine, instrument, openTelemetryRecorder, openTelemetryTracer, prometheusRecorder, ...telemetry } =
    await import('../telemetry/index')
  const logger = await loggerOf(host, resolved, quietest)
  const prometheus = prometheusRecorder()
  const outside = resolved.config.telemetry.openTelemetry ? await openTelemetryRecorder() : undefined
  const recorder: Recorder = outside ? telemetry.tee(prometheus, outside) : prometheus
  const tell = outside && telemetry.recordAnswers(outside)
  const tracer = outside && (await openTelemetryTracer())
  const measures = instrument(recorder)
  return {
    logger,
    options: { logger, instrumentation: tracer ? combine(measures, telemetry.traceNode(tracer)) : measures },
    figures: () => prometheus.text(),
    http: {
      onAnswer(answer) {
        tell?.(answer)
        logAnswer(logger, answer)
      },
      onBroken: broken => logger[isLimit(broken.error) ? 'warn' : 'error']({ ...broken }, 'answer broke off'),
      ...(tracer && { around: telemetry.traceRequests(tracer) }),
    },
    mcp: tracer ? { around: telemetry.traceCalls(tracer) } : {},
  }
}

/** A reader who was too slow: no fault of this node. */
const isLimit = (error: unknown) => error instanceof CosmicError && error.code === 'limit'

/** What is no refusal is told without what the request said: a warning where others failed or were too many, else this node’s fault. */
function logAnswer(logger: Logger, { requestId, method, route, status, seconds, error }: AnswerReport): void {
  const fields = { requestId, method, route, status, ms: Math.round(seconds * 1_000) }
  if (error === undefined) logger.debug(fields, 'answered')
  else if (isExpected(error))
    logger.warn({ ...fields, error: { code: error.code, message: error.message } }, 'request failed')
  else logger.error({ ...fields, error }, 'request failed')
}

/** A refusal of the API, such as of one stream too many, or a failure of others; not a disk that fails. */
function isExpected(error: unknown): error is CosmicError | HttpProblem {
  return error instanceof HttpProblem || (error instanceof CosmicError && !FAULTS.has(error.code))
}

const FAULTS: ReadonlySet<string> = new Set(['storage', 'worker', 'missing-peer'])
