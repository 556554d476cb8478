/** Under which name this node was called. */
export interface CalledAt {
  readonly host: string
  readonly hostname: string
}

const NO_QUERY: Readonly<Record<string, string | string[]>> = {}

/** What is known of a request while it is answered. */
export class Asked {
  /** Of the routes, once one is found. */
  route = 'unknown'
  readonly at: CalledAt
  readonly id: string
  readonly #url: string

  constructor(url: string, at: CalledAt, id: string) {
    this.#url = url
    this.at = at
    this.id = id
  }

  /** Values by name, several as a list. */
  get query(): Readonly<Record<string, string | string[]>> {
    if (!this.#url.includes('?')) return NO_QUERY
    const { searchParams } = new URL(this.#url)
    const query: Record<string, string | string[]> = {}
    for (const name of new Set(searchParams.keys())) {
      const values = searchParams.getAll(name)
      query[name] = values.length === 1 ? values[0]! : values
    }
    return query
  }
}

/** Reads where requests were sent to: what stands before the path, which one after the other has in common. */
export function placeReader(): (url: string) => CalledAt {
  let [base, at]: [string, CalledAt] = ['', { host: '', hostname: '' }]
  return url => {
    const end = url.indexOf('/', url.indexOf('//') + 2)
    const asked = end < 0 ? url : url.slice(0, end)
    if (asked === base) return at
    const { host, hostname } = new URL(asked)
    ;[base, at] = [asked, { host, hostname }]
    return at
  }
}
