import {
  INSTRUMENTS,
  type Attributes,
  type Instrument,
  type InstrumentName,
  type Reading,
  type Recorder,
} from './instruments'

interface Distribution {
  readonly counts: number[]
  sum: number
}

export interface PrometheusRecorder extends Recorder {
  /** Everything so far, in Prometheus' text format (version 0.0.4). */
  text(): Promise<string>
}

const NONE: Attributes = {}
const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' }

/**
 * Keeps measurements in memory for Prometheus, under OpenTelemetry's names as its conventions write them for Prometheus: `_` for
 * points, the unit at the end, `_total` for counters.
 *
 * @example
 * ```ts
 * const recorder = prometheusRecorder()
 * const node = await createNode(config, { instrumentation: instrument(recorder) })
 * console.log(await recorder.text())
 * ```
 */
export function prometheusRecorder(): PrometheusRecorder {
  const counts = new Map<InstrumentName, Map<string, number>>()
  const distributions = new Map<InstrumentName, Map<string, Distribution>>()
  const written = new WeakMap<Attributes, string>()
  const labelsIn = (attributes: Attributes) => {
    const known = written.get(attributes) ?? labelsOf(attributes)
    written.set(attributes, known)
    return known
  }
  const readers = new Set<() => Promise<readonly Reading[]>>()
  return {
    record(name, value, attributes = NONE) {
      const instrument: Instrument = INSTRUMENTS[name]
      const labels = labelsIn(attributes)
      if (instrument.kind !== 'histogram') return add(counts, name, labels, value)
      const of = at(distributions, name)
      const known = of.get(labels) ?? { counts: new Array<number>(instrument.bounds.length + 1).fill(0), sum: 0 }
      of.set(labels, known)
      const place = instrument.bounds.findIndex(bound => value <= bound)
      known.counts[place < 0 ? instrument.bounds.length : place]!++
      known.sum += value
    },
    observe(read) {
      readers.add(read)
      return () => void readers.delete(read)
    },
    async text() {
      const observed = new Map<InstrumentName, Map<string, number>>()
      const readings = await Promise.all([...readers].map(read => read()))
      for (const { name, value, attributes = {} } of readings.flat()) add(observed, name, labelsOf(attributes), value)
      return (Object.keys(INSTRUMENTS) as InstrumentName[])
        .map(name => family(name, counts.get(name) ?? observed.get(name), distributions.get(name)))
        .join('')
    },
  }
}

function at<T>(all: Map<InstrumentName, Map<string, T>>, name: InstrumentName): Map<string, T> {
  const known = all.get(name) ?? new Map<string, T>()
  all.set(name, known)
  return known
}

function add(all: Map<InstrumentName, Map<string, number>>, name: InstrumentName, labels: string, by: number): void {
  const of = at(all, name)
  of.set(labels, (of.get(labels) ?? 0) + by)
}

function family(
  name: InstrumentName,
  counts: ReadonlyMap<string, number> | undefined,
  distributions: ReadonlyMap<string, Distribution> | undefined,
): string {
  const instrument: Instrument = INSTRUMENTS[name]
  const { kind, unit, description } = instrument
  const isCounter = kind === 'counter' || kind === 'observed counter'
  const shown = `${name.replaceAll('.', '_')}${UNITS[unit] ?? ''}${isCounter ? '_total' : ''}`
  const lines = [...(counts ?? [])].map(([labels, value]) => `${shown}${braced(labels)} ${value}`)
  if (instrument.kind === 'histogram') {
    for (const [labels, each] of distributions ?? []) lines.push(...buckets(shown, labels, each, instrument.bounds))
  }
  if (lines.length === 0) return ''
  const type = isCounter ? 'counter' : kind
  return [`# HELP ${shown} ${description}`, `# TYPE ${shown} ${type}`, ...lines, ''].join('\n')
}

/** Buckets hold what is below their bounds, all of it. */
function buckets(name: string, labels: string, { counts, sum }: Distribution, bounds: readonly number[]): string[] {
  let below = 0
  const lines = [...bounds, '+Inf'].map((bound, i) => {
    below += counts[i]!
    return `${name}_bucket${braced([labels, `le="${bound}"`].filter(each => each !== '').join(','))} ${below}`
  })
  return [...lines, `${name}_sum${braced(labels)} ${sum}`, `${name}_count${braced(labels)} ${below}`]
}

const braced = (labels: string) => (labels === '' ? '' : `{${labels}}`)

/** In the order of their names, so that one set of attributes is one series. */
function labelsOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name.replace(/\W/g, '_')}="${String(value).replace(/[\\"\n]/g, escaped)}"`)
    .join(',')
}

const escaped = (character: string) => (character === '\n' ? String.raw`\n` : `\\${character}`)
