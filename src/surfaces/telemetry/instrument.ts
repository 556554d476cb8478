import type { SyncClient } from '../../client/index'
import type { Instrumentation } from '../../setup/index'
import type { PutOutcome } from '../../store/index'
import type { CosmicValidator, Verdict } from '../../validate/index'
import type { AnswerReport } from '../http/index'
import { readRecorder, type Attributes, type Recorder } from './instruments'
import { codeOf } from './open-telemetry-tracer'
import { timed, type OnCall } from './timed'
import { methodOf } from './trace-http'

const STORE_METHODS = new Set(['put', 'judge', 'get', 'getMany', 'has', 'page', 'pageIds', 'count', 'erase', 'stats'])
/** Methods of an embedder take an array of texts, and of a store one of blocks or ids. */
const sizeOf = (value: unknown) => (Array.isArray(value) ? value.length : 1)

/**
 * Measures a node into a recorder: verification, refusals by code, store, search, embedding, sync and peers.
 *
 * @example
 * ```ts
 * import { createNode } from 'cosmic-embeddings/setup'
 * import { instrument, openTelemetryRecorder } from 'cosmic-embeddings/telemetry'
 *
 * const node = await createNode(config, { instrumentation: instrument(openTelemetryRecorder()) })
 * ```
 */
export function instrument(recorder: Recorder): Instrumentation {
  readRecorder(recorder, 'recorder')
  const stops: (() => void)[] = []
  return {
    validator: validator => measuredValidator(validator, recorder),
    store: (store, system) => timed(store, STORE_METHODS, storeCall(recorder, system)),
    embedder: embedder => {
      const provider = embedder.modelId.split(':', 1)[0]!
      return timed(embedder, new Set(['embed']), ({ seconds, error }) =>
        recorder.record('gen_ai.client.operation.duration', seconds, {
          'gen_ai.operation.name': 'embeddings',
          'gen_ai.provider.name': provider,
          'gen_ai.request.model': embedder.modelId,
          ...failureOf(error),
        }),
      )
    },
    client: client => {
      stops.push(...clientEvents(client, recorder))
      return timed(client, new Set(['search', 'publish']), ({ method, seconds, error }) =>
        recorder.record(
          method === 'search' ? 'cosmic.search.duration' : 'cosmic.publish.duration',
          seconds,
          failureOf(error),
        ),
      )
    },
    close: () => stops.splice(0).forEach(stop => stop()),
  }
}

/** For `onAnswer` of the HTTP handler. */
export function recordAnswers(recorder: Recorder): (answer: AnswerReport) => void {
  readRecorder(recorder, 'recorder')
  return ({ method, route, status, seconds }) =>
    recorder.record('http.server.request.duration', seconds, {
      'http.request.method': methodOf(method),
      'http.response.status_code': status,
      'http.route': route,
      'url.scheme': 'http',
      ...(status >= 500 && { 'error.type': String(status) }),
    })
}

const NONE: Attributes = {}
const failureOf = (error: unknown): Attributes => (error === undefined ? NONE : { 'error.type': codeOf(error) })

/** The same object for the same values, which recorders know again: so what is common is not read each time. */
function attributesBy(make: (name: string, code: string | undefined) => Attributes) {
  const known = new Map<string, Attributes>()
  return (name: string, code?: string): Attributes => {
    const key = code === undefined ? name : `${name} ${code}`
    const attributes = known.get(key) ?? make(name, code)
    known.set(key, attributes)
    return attributes
  }
}

const codeNamed = (code: string | undefined) => code !== undefined && { 'error.type': code }
const verdictAttributes = attributesBy((outcome, code) => ({ 'cosmic.verdict': outcome, ...codeNamed(code) }))

/** A validator that is given more evidence stays a measured one. */
function measuredValidator(validator: CosmicValidator, recorder: Recorder): CosmicValidator {
  const measured = timed(validator, new Set(['validate', 'validateOpened']), ({ seconds, answer, args }) => {
    const verdicts = [(answer ?? []) as Verdict | readonly Verdict[]].flat()
    // What is stored already was verified when it came.
    if ((args[1] as { stored?: boolean } | undefined)?.stored !== undefined) return
    for (const verdict of verdicts) recordVerdict(recorder, verdict, seconds / verdicts.length)
  })
  return new Proxy(measured, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name, object)
      if (name !== 'withEvidence') return value
      return (...args: Parameters<CosmicValidator['withEvidence']>) =>
        measuredValidator(validator.withEvidence(...args), recorder)
    },
  })
}

function recordVerdict(recorder: Recorder, verdict: Verdict, seconds: number): void {
  const code = 'code' in verdict ? verdict.code : undefined
  const outcome = verdict.status === 'valid' && !verdict.admitted ? 'not-admitted' : verdict.status
  const attributes = verdictAttributes(outcome, code)
  recorder.record('cosmic.verification.duration', seconds, attributes)
  if (code !== undefined) recorder.record('cosmic.blocks.refused', 1, attributes)
}

function storeCall(recorder: Recorder, system: string): OnCall {
  const calls = attributesBy((method, code) => ({
    ...{ 'db.operation.name': method, 'db.system.name': system },
    ...codeNamed(code),
  }))
  return ({ method, seconds, answer, error, args }) => {
    const attributes = calls(method, error === undefined ? undefined : codeOf(error))
    recorder.record('db.client.operation.duration', seconds, attributes)
    if (method !== 'put' || answer === undefined) return
    recorder.record('cosmic.ingest.batch.size', sizeOf(args[0]))
    const counts = new Map<PutOutcome, number>()
    for (const outcome of answer as readonly PutOutcome[]) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    for (const [outcome, count] of counts) recorder.record('cosmic.ingest.blocks', count, { 'cosmic.outcome': outcome })
  }
}

function clientEvents(client: SyncClient, recorder: Recorder): (() => void)[] {
  const began = new Map<string, number>()
  return [
    client.on('connected', ({ remote }) => void began.set(remote, performance.now())),
    client.on('disconnected', ({ remote, failure }) => {
      const start = began.get(remote)
      began.delete(remote)
      if (start === undefined) return
      const attributes = failure && { 'error.type': failure.code }
      recorder.record('cosmic.sync.session.duration', (performance.now() - start) / 1_000, attributes)
    }),
    client.on('unreachable', ({ failure }) =>
      recorder.record('cosmic.sync.failures', 1, { 'error.type': failure.code }),
    ),
    client.on('retry', ({ lastError }) => {
      if (lastError) recorder.record('cosmic.sync.failures', 1, { 'error.type': lastError.code })
    }),
    client.on('erased', ({ block }) => recorder.record('cosmic.blocks.erased', 1, { 'cosmic.reason': block.reason })),
    recorder.observe(async () => {
      const { peers, store, search, sync } = await client.status()
      return [
        { name: 'cosmic.sync.io', value: sync.bytesIn, attributes: { 'network.io.direction': 'receive' } },
        { name: 'cosmic.sync.io', value: sync.bytesOut, attributes: { 'network.io.direction': 'transmit' } },
        { name: 'cosmic.peer.connections', value: peers.length },
        { name: 'cosmic.store.blocks', value: store.blocks },
        { name: 'cosmic.store.size', value: store.bytes },
        { name: 'cosmic.search.memory', value: search.bytes },
      ]
    }),
  ]
}
