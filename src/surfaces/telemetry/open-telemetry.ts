import type { Attributes as OtelAttributes, Meter, MeterProvider, Observable } from '@opentelemetry/api'
import { having, loadPeer, record } from '../../base/index'
import { INSTRUMENTS, type InstrumentName, type Reading, type Recorder } from './instruments'

/** The instrumentation scope under which everything is measured. */
export const SCOPE = 'cosmic-embeddings'

export interface OpenTelemetryOptions {
  /** Default: the global one, which the application's SDK registers. */
  readonly meterProvider?: MeterProvider
}

const readOptions = record<OpenTelemetryOptions>({ meterProvider: having('a MeterProvider', 'getMeter') })

/**
 * Measurements for OpenTelemetry, through its API alone (the optional package `@opentelemetry/api`): which SDK keeps them, and
 * where they go, is the application's. Rejects with `missing-peer` where the package is not installed.
 *
 * @example
 * ```ts
 * const recorder = await openTelemetryRecorder()
 * const node = await createNode(config, { instrumentation: instrument(recorder) })
 * ```
 */
export async function openTelemetryRecorder(options: OpenTelemetryOptions = {}): Promise<Recorder> {
  const { meterProvider } = readOptions(options, '')
  const api = await loadPeer('@opentelemetry/api', () => import('@opentelemetry/api'))
  const meter = (meterProvider ?? api.metrics.getMeterProvider()).getMeter(SCOPE)
  const records = new Map<InstrumentName, (value: number, attributes?: OtelAttributes) => void>()
  const observables = new Map<InstrumentName, Observable>()
  for (const name of Object.keys(INSTRUMENTS) as InstrumentName[]) make(meter, name, records, observables)
  return {
    record: (name, value, attributes) => records.get(name)!(value, attributes && { ...attributes }),
    observe(read) {
      const all = [...observables.values()]
      const callback = async (result: {
        observe(at: Observable, value: number, attributes?: OtelAttributes): void
      }) => {
        for (const { name, value, attributes } of await read()) {
          result.observe(observables.get(name)!, value, attributes && { ...attributes })
        }
      }
      meter.addBatchObservableCallback(callback, all)
      return () => meter.removeBatchObservableCallback(callback, all)
    },
  }
}

function make(
  meter: Meter,
  name: InstrumentName,
  records: Map<InstrumentName, (value: number, attributes?: OtelAttributes) => void>,
  observables: Map<InstrumentName, Observable>,
): void {
  const instrument = INSTRUMENTS[name]
  const { unit, description } = instrument
  switch (instrument.kind) {
    case 'histogram': {
      const advice = { explicitBucketBoundaries: [...instrument.bounds] }
      const histogram = meter.createHistogram(name, { unit, description, advice })
      return void records.set(name, (value, attributes) => histogram.record(value, attributes))
    }
    case 'counter': {
      const counter = meter.createCounter(name, { unit, description })
      return void records.set(name, (value, attributes) => counter.add(value, attributes))
    }
    case 'observed counter':
      return void observables.set(name, meter.createObservableCounter(name, { unit, description }))
    case 'gauge':
      return void observables.set(name, meter.createObservableUpDownCounter(name, { unit, description }))
  }
}

export type { Reading }
