import { having } from '../../base/index'

/** Upper bounds of durations in seconds, as the conventions advise them for HTTP. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const SESSION_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400]
const BLOCKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]

interface Counted {
  readonly kind: 'counter' | 'observed counter' | 'gauge'
  readonly unit: string
  readonly description: string
}

interface Distributed {
  readonly kind: 'histogram'
  readonly unit: string
  readonly description: string
  readonly bounds: readonly number[]
}

export type Instrument = Counted | Distributed

/**
 * Everything that is measured, by its name. Names and units are OpenTelemetry's semantic conventions where those have one
 * (`http.server.*`, `db.client.*`, `gen_ai.client.*`; units after UCUM), else they begin with `cosmic`.
 */
export const INSTRUMENTS = {
  'http.server.request.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Duration of HTTP server requests.', bounds: SECONDS },
  },
  'db.client.operation.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Duration of calls of the block store.', bounds: SECONDS },
  },
  'gen_ai.client.operation.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Duration of embedding texts.', bounds: SECONDS },
  },
  'cosmic.verification.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Time to verify and judge a block.', bounds: SECONDS },
  },
  'cosmic.search.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Duration of searches.', bounds: SECONDS },
  },
  'cosmic.publish.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Time until a block of this node is durable.', bounds: SECONDS },
  },
  'cosmic.ingest.batch.size': {
    ...{ kind: 'histogram', unit: '{block}', description: 'Blocks that were stored in one batch.', bounds: BLOCKS },
  },
  'cosmic.sync.session.duration': {
    ...{ kind: 'histogram', unit: 's', description: 'Duration of sessions with peers.', bounds: SESSION_SECONDS },
  },
  'cosmic.ingest.blocks': { kind: 'counter', unit: '{block}', description: 'Blocks that were put, by outcome.' },
  'cosmic.blocks.refused': { kind: 'counter', unit: '{block}', description: 'Blocks not admitted, by code.' },
  'cosmic.blocks.erased': { kind: 'counter', unit: '{block}', description: 'Blocks no longer held, by reason.' },
  'cosmic.sync.failures': { kind: 'counter', unit: '{failure}', description: 'Attempts that came to no session.' },
  'cosmic.sync.io': { kind: 'observed counter', unit: 'By', description: 'Bytes exchanged with peers.' },
  'cosmic.peer.connections': { kind: 'gauge', unit: '{peer}', description: 'Connected peers.' },
  'cosmic.store.blocks': { kind: 'gauge', unit: '{block}', description: 'Blocks held.' },
  'cosmic.store.size': { kind: 'gauge', unit: 'By', description: 'Bytes of the blocks held.' },
  'cosmic.search.memory': { kind: 'gauge', unit: 'By', description: 'Memory of the search index.' },
} as const satisfies Readonly<Record<string, Instrument>>

export type InstrumentName = keyof typeof INSTRUMENTS
type NamesOf<K extends Instrument['kind']> = {
  [N in InstrumentName]: (typeof INSTRUMENTS)[N]['kind'] extends K ? N : never
}[InstrumentName]

/** Few values each, and none that a peer can choose. */
export type Attributes = Readonly<Record<string, string | number>>

/** What is read when somebody looks. */
export interface Reading {
  readonly name: NamesOf<'gauge' | 'observed counter'>
  readonly value: number
  readonly attributes?: Attributes
}

/** Where measurements go. */
export interface Recorder {
  /** Adds to a counter, or to a histogram's distribution. */
  record(name: NamesOf<'counter' | 'histogram'>, value: number, attributes?: Attributes): void
  /** Has `read` called whenever somebody looks; the returned function stops it. */
  observe(read: () => Promise<readonly Reading[]>): () => void
}

/** Throws `bad-type`. */
export const readRecorder = having<Recorder>('a recorder: prometheusRecorder()', 'record', 'observe')
