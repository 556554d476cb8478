import type { Kernels } from '../../src/search/kernels/kernels'
import type { Shape } from '../../src/search/kernels/shape'

/** What kernels cost: nanoseconds for a byte of codes or rows that is scanned, and for a call that works on one vector. */
export interface Costs {
  readonly code: number
  readonly row: number
  readonly call: number
}

/** Calls whose work is that on one vector, with what the caller does to it in JavaScript. */
const ON_ONE = ['rotate', 'normalize', 'quantize', 'restore', 'subtract', 'writeCode', 'widen'] as const

/** Rows that `nearest` compares whole, as a share of all, at most: 16 of 32. */
const COMPARED = 1 / 2

/** Work that kernels do, counted between two pauses: by bytes and calls, not by a clock. */
export class KernelMeter {
  readonly #shape: Shape
  readonly #costs: Costs
  #now = { codes: 0, rows: 0, calls: 0 }
  /** The most bytes of codes and of rows between two pauses, and the most milliseconds that all work there costs. */
  mostCodes = 0
  mostRows = 0
  longest = 0
  pauses = 0

  constructor(shape: Shape, costs: Costs) {
    this.#shape = shape
    this.#costs = costs
  }

  pause = async () => {
    const { codes, rows, calls } = this.#now
    const { code, row, call } = this.#costs
    this.mostCodes = Math.max(this.mostCodes, codes)
    this.mostRows = Math.max(this.mostRows, rows)
    this.longest = Math.max(this.longest, (codes * code + rows * row + calls * call) / 1e6)
    this.pauses++
    this.forget()
  }

  /** What was done since the last pause does not count. */
  forget(): void {
    this.#now = { codes: 0, rows: 0, calls: 0 }
  }

  /** With `slice` they claim to scan so many bytes in ten milliseconds. */
  wrap(kernels: Kernels, slice?: number): Kernels {
    const { blockSize, rowSize } = this.#shape
    const own: Partial<Kernels> = {
      ...(slice !== undefined && { slice }),
      scanBlocks: (list, from, to, bits) => {
        const end = kernels.scanBlocks(list, from, to, bits)
        this.#now.codes += (end - from) * blockSize
        return end
      },
      scanRows: (bitmap, from, to) => {
        const end = kernels.scanRows(bitmap, from, to)
        this.#now.rows += (end - from) * 32 * rowSize
        return end
      },
      cosines: (list, n) => {
        this.#now.rows += n * rowSize
        kernels.cosines(list, n)
      },
      cosinesOf: (first, n, to) => {
        this.#now.rows += n * rowSize
        kernels.cosinesOf(first, n, to)
      },
      nearest: (first, n, part) => {
        this.#now.rows += n * Math.min(rowSize, part + COMPARED * rowSize)
        return kernels.nearest(first, n, part)
      },
    }
    const counted: ReadonlySet<string> = new Set(ON_ONE)
    return new Proxy({} as Kernels, {
      get: (_target, name: keyof Kernels) => {
        if (counted.has(name)) this.#now.calls++
        const value: unknown = own[name] ?? kernels[name]
        return typeof value === 'function' && !(name in own) ? value.bind(kernels) : value
      },
    })
  }
}
