import type { HttpNode } from './node'

/** Upper bounds of the histogram of durations, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts of one kind, by their labels. */
class Counter {
  readonly #counts = new Map<string, number>()

  add(labels: string, by = 1): void {
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + by)
  }

  lines(name: string): string[] {
    return [...this.#counts].map(([labels, count]) => `${name}${labels === '' ? '' : `{${labels}}`} ${count}`)
  }
}

/** How long answers of one route took. */
class Histogram {
  readonly #counts = new Array<number>(BOUNDS.length + 1).fill(0)
  #sum = 0

  add(seconds: number): void {
    const at = BOUNDS.findIndex(bound => seconds <= bound)
    this.#counts[at < 0 ? BOUNDS.length : at]!++
    this.#sum += seconds
  }

  /** Buckets hold what is below their bounds, all of it. */
  lines(name: string, labels: string): string[] {
    let below = 0
    const buckets = [...BOUNDS, '+Inf'].map((bound, i) => {
      below += this.#counts[i]!
      return `${name}_bucket{${labels},le="${bound}"} ${below}`
    })
    return [...buckets, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${below}`]
  }
}

/** Figures of a node in the text format of Prometheus (version 0.0.4). Labels are routes, methods, codes: few, and none foreign. */
export class Metrics {
  readonly #requests = new Counter()
  readonly #seconds = new Map<string, Histogram>()
  readonly #blocks = new Counter()
  readonly #refused = new Counter()
  readonly #stops: (() => void)[]

  readonly #figures: (() => Promise<string>) | undefined

  constructor({ client }: HttpNode, figures?: () => Promise<string>) {
    this.#figures = figures
    this.#stops = [
      client.on('block', () => this.#blocks.add('')),
      client.on('refused', ({ verdict }) => this.#refused.add(`code="${'code' in verdict ? verdict.code : 'none'}"`)),
    ]
  }

  answered(route: string, status: number, seconds: number): void {
    this.#requests.add(`route="${route}",status="${status}"`)
    const known = this.#seconds.get(route)
    if (known) return known.add(seconds)
    const fresh = new Histogram()
    this.#seconds.set(route, fresh)
    fresh.add(seconds)
  }

  async text(node: HttpNode): Promise<string> {
    return this.#ofRequests() + (await (this.#figures?.() ?? this.#ofNode(node)))
  }

  #ofRequests(): string {
    return [
      counted('cosmic_http_requests_total', 'Answered requests.', this.#requests),
      family(
        'cosmic_http_request_seconds',
        'histogram',
        'Time from request to answer.',
        [...this.#seconds].flatMap(([route, times]) => times.lines('cosmic_http_request_seconds', `route="${route}"`)),
      ),
    ].join('')
  }

  async #ofNode({ client }: HttpNode): Promise<string> {
    const { peers, store, search } = await client.status()
    const moved = (of: 'bytesIn' | 'bytesOut') => peers.reduce((sum, peer) => sum + peer[of], 0)
    const gauge = (name: string, help: string, value: number) => family(name, 'gauge', help, [`${name} ${value}`])
    return [
      counted('cosmic_blocks_admitted_total', 'Blocks that were admitted since the start.', this.#blocks),
      counted('cosmic_blocks_refused_total', 'Blocks of peers that were not admitted, by code.', this.#refused),
      gauge('cosmic_store_blocks', 'Blocks held.', store.blocks),
      gauge('cosmic_store_bytes', 'Bytes of the blocks held.', store.bytes),
      gauge('cosmic_search_bytes', 'Memory of the search index.', search.bytes),
      gauge('cosmic_peers', 'Connected peers.', peers.length),
      gauge('cosmic_peer_bytes_in', 'Bytes received in the sessions under way.', moved('bytesIn')),
      gauge('cosmic_peer_bytes_out', 'Bytes sent in the sessions under way.', moved('bytesOut')),
    ].join('')
  }

  close(): void {
    this.#stops.forEach(stop => stop())
  }
}

function counted(name: string, help: string, counter: Counter): string {
  return family(name, 'counter', help, counter.lines(name))
}

function family(name: string, type: string, help: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map(line => `${line}\n`).join('')}`
}
