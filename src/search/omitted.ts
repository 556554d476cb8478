import { CosmicError } from '../base/index'

/** Characters from the end of an id that tell it from others well enough to count: sixty bits of a digest. */
const TAIL = 12

/** What there was no memory for, each counted once, while it is there: some sixty bytes each. */
export class Omitted {
  readonly #tails = new Set<string>()
  readonly #hint: string
  readonly #ports: OmittedPorts
  #told = false

  constructor(what: string, ports: OmittedPorts) {
    this.#hint = `the newest ${what}: raise search.maxBytes, or keep fewer`
    this.#ports = ports
  }

  get count(): number {
    return this.#tails.size
  }

  /** Tells of the first. */
  add(id: string): void {
    this.#tails.add(tailOf(id))
    if (this.#told) return
    this.#told = true
    const { maxBytes: limit = 0, onError } = this.#ports
    onError?.(new CosmicError({ code: 'limit', field: 'search.maxBytes', limit, hint: this.#hint }))
  }

  /** One that has gone, or has come in after all. */
  delete(id: string): void {
    if (this.#tails.size > 0) this.#tails.delete(tailOf(id))
  }
}

export interface OmittedPorts {
  readonly maxBytes?: number
  readonly onError?: (error: unknown) => void
}

const tailOf = (id: string) => id.slice(-TAIL)
