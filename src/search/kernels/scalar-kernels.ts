import type { Kernels } from './kernels'
import { roundToEven, ScalarEncoder } from './scalar-encoder'
import { AXES, BLOCK, CHUNK_ROWS, ROW } from './shape'

/** As in `assembly/query.ts`, `estimate.ts` and `compare.ts`. */
const LEVELS = 31
const PATIENCE = 32
const GAIN = 4
const WAITING = 16
const CHOSEN = 16
const ROUNDED = 3e-7
const { fround } = Math

/**
 * The kernels in plain JavaScript, where there is no WebAssembly SIMD: the same layout, the same whole numbers, and floats that
 * differ from theirs in the last bits only. What each function does stands beside its twin in `assembly/`.
 */
export class ScalarKernels extends ScalarEncoder implements Kernels {
  readonly slice = 1 << 21
  readonly count = { value: 0 }
  readonly step = { value: 0 }
  readonly compared = { value: 0 }
  readonly threshold = { value: 0 }
  #rows = { table: 0, bytes: 0, size: 0 }
  #query = { wide: 0, scale: 0, shared: 0, axes: 0 }
  #codes = { tables: 0, reach: 0, common: 0, step: 0, bias: 0 }
  #early = { after: 0, step: 0, bias: 0 }
  #metric = { isCosine: true, slope: 1, bend: 0 }
  #best = { k: 0, least: 0, doubt: 0, slack: 0, heap: 0, size: 0, filter: 0 }
  #found = { at: 0, capacity: 0 }
  #patience = PATIENCE
  readonly #waiting: number[] = []
  readonly #sums = new Uint32Array(BLOCK.slots)

  aim(
    query: number,
    mean: number,
    bits: number,
    first: number,
    difference: number,
    tables: number,
    firstDeviations: number,
  ): number {
    const product = this.subtract(query, mean, bits, difference)
    const values = this.memory.floats(difference, bits)
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
    const { step, bias, earlyBias } = this.#makeTables(values, first, tables)
    const earlyScale = bits / first
    const earlyReach = firstDeviations * length * Math.sqrt(earlyScale - 1)
    Object.assign(this.#codes, { tables, step, bias })
    this.step.value = step
    this.#early = { after: first, step: earlyScale * step, bias: earlyScale * earlyBias + earlyReach }
    return product
  }

  turn(reach: number, common: number): void {
    Object.assign(this.#codes, { reach, common })
  }

  #makeTables(values: Float32Array, first: number, tables: number): { step: number; bias: number; earlyBias: number } {
    const reaches = Array.from({ length: values.length / 4 }, (_, table) => extent(values, 4 * table))
    const widest = Math.max(...reaches)
    const inverse = fround(widest > 0 ? LEVELS / (2 * widest) : 0)
    for (const [table, reach] of reaches.entries()) {
      for (let pattern = 0; pattern < 16; pattern++) {
        let sum = reach
        for (let j = 0; j < 4; j++) sum += (pattern >> j) & 1 ? values[4 * table + j]! : -values[4 * table + j]!
        this.memory.u8[tables + 16 * table + pattern] = roundToEven(fround(sum * inverse))
      }
    }
    const total = (of: readonly number[]) => -of.reduce((sum, reach) => sum + reach, 0)
    return {
      step: fround((2 * widest) / LEVELS),
      bias: total(reaches),
      earlyBias: total(reaches.slice(0, first / 4)),
    }
  }

  setRows(table: number, bytes: number, size: number): void {
    this.#rows = { table, bytes, size }
  }

  setQuery(wide: number, scale: number, shared: number, axes: number): void {
    this.#query = { wide, scale, shared, axes }
  }

  setMetric(isCosine: boolean, slope: number, bend: number): void {
    this.#metric = { isCosine, slope, bend }
  }

  begin(k: number, least: number, doubt: number, slack: number, heap: number, filter: number): void {
    this.#best = { k, least, doubt, slack, heap, filter, size: 0 }
    this.threshold.value = fround(least)
    this.count.value = this.compared.value = 0
    this.#patience = PATIENCE
  }

  setFound(at: number, capacity: number): void {
    this.#found = { at, capacity }
  }

  compact(more: number): boolean {
    const at = this.#found.at >>> 2
    let kept = 0
    for (let i = 0; i < this.count.value; i++) {
      if (this.memory.f32[at + 3 * i + 2]! < this.threshold.value) continue
      this.memory.u32.copyWithin(at + 3 * kept++, at + 3 * i, at + 3 * i + 3)
    }
    this.count.value = kept
    return kept + more <= this.#found.capacity
  }

  scanBlocks(list: number, from: number, to: number, bits: number): number {
    for (let i = from; i < to; i++) {
      if (!this.#hasRoom()) return this.#compareWaiting(i)
      const block = this.memory.u32[(list >>> 2) + i]!
      if (!this.#estimate(block, bits)) continue
      for (let lane = 0; lane < BLOCK.slots; lane++) {
        const slot = ((block + 4 * bits) >>> 2) + lane
        if (this.#reaches(this.#sums[lane]!, slot, lane, this.#codes))
          this.#enqueue(this.memory.u32[slot + BLOCK.row / 4]!)
      }
      if (this.#waiting.length >= WAITING) this.#compareWaiting(i)
    }
    return this.#compareWaiting(to)
  }

  scanRows(bitmap: number, from: number, to: number): number {
    for (let i = from; i < to; i++) {
      const word = this.memory.u32[(bitmap >>> 2) + i]!
      if (word === 0) continue
      if (!this.#hasRoom()) return this.#compareWaiting(i)
      for (let bit = 0; bit < 32; bit++) if ((word & (1 << bit)) !== 0) this.#waiting.push(32 * i + bit)
      if (this.#waiting.length >= WAITING) this.#compareWaiting(i)
    }
    return this.#compareWaiting(to)
  }

  #hasRoom(): boolean {
    return this.count.value + 2 * BLOCK.slots <= this.#found.capacity || this.compact(2 * BLOCK.slots)
  }

  #enqueue(row: number): void {
    const { filter } = this.#best
    if (filter === 0 || (this.memory.u8[filter + (row >>> 3)]! & (1 << (row & 7))) !== 0) this.#waiting.push(row)
  }

  /** Answers `at`. */
  #compareWaiting(at: number): number {
    for (const row of this.#waiting) this.#compare(row)
    this.#waiting.length = 0
    return at
  }

  /** Leaves the sums of a block's slots in `sums`; `false` when it was given up early. */
  #estimate(block: number, bits: number): boolean {
    const hurried = this.#patience >= 0 && this.#early.after < bits
    const after = hurried ? this.#early.after : bits
    this.#sums.fill(0)
    this.#add(block, 0, after, this.#sums)
    if (!hurried) {
      this.#patience++
      return true
    }
    if (this.#hopeless(block, bits)) {
      this.#patience = Math.min(PATIENCE, this.#patience + GAIN)
      return false
    }
    if (--this.#patience < 0) this.#patience = -PATIENCE
    this.#add(block, after, bits, this.#sums)
    return true
  }

  cosines(list: number, n: number): void {
    for (let i = list >>> 2, end = i + n; i < end; i++)
      this.memory.f32[i] = this.#cosine(this.#rowAt(this.memory.u32[i]!))
  }

  cosinesOf(first: number, n: number, to: number): void {
    for (let i = 0; i < n; i++) this.memory.f32[(to >>> 2) + i] = this.#cosine(first + i * this.#rows.size)
  }

  nearest(first: number, n: number, part: number): number {
    const row = (i: number) => first + i * this.#rows.size
    const parts = Float32Array.from({ length: n }, (_, i) => this.#cosine(row(i), part))
    const chosen = [...parts.keys()].sort((a, b) => parts[b]! - parts[a]! || a - b).slice(0, CHOSEN)
    const whole = chosen.map(i => this.#cosine(row(i)))
    return chosen[whole.indexOf(Math.max(...whole))]!
  }

  /** Adds up what some bits of a block tell. */
  #add(block: number, from: number, to: number, sums: Uint32Array): void {
    const u8 = this.memory.u8
    for (let at = block + 4 * from, table = this.#codes.tables + 4 * from; at < block + 4 * to; at += 16, table += 16) {
      for (let i = 0; i < 16; i++) {
        const code = u8[at + i]!
        sums[i]! += u8[table + (code & 15)]!
        sums[i + 16]! += u8[table + (code >>> 4)]!
      }
    }
  }

  /** Whether no slot of a block reaches the threshold by what its first bits tell. */
  #hopeless(block: number, bits: number): boolean {
    const first = (block + 4 * bits) >>> 2
    return !this.#sums.some((sum, lane) => this.#reaches(sum, first + lane, lane, this.#early))
  }

  /** Whether a slot's upper bound reaches the threshold. */
  #reaches(sum: number, slot: number, lane: number, { step, bias }: { step: number; bias: number }): boolean {
    const { reach, common } = this.#codes
    const spread = this.memory.f32[slot - lane + BLOCK.spread / 4]!
    const upper =
      this.memory.f32[slot + BLOCK.f / 4]! * (sum * step + bias + reach * spread) +
      this.memory.f32[slot + BLOCK.g / 4]! +
      common
    return this.#value(upper, this.memory.f32[slot + BLOCK.norm / 4]!) >= this.threshold.value
  }

  #value(cosine: number, norm: number): number {
    const { isCosine, slope, bend } = this.#metric
    return isCosine ? cosine : norm * (slope * cosine + bend * norm)
  }

  #rowAt(row: number): number {
    const chunk = this.memory.u32[(this.#rows.table >>> 2) + Math.floor(row / CHUNK_ROWS)]!
    return chunk + (row % CHUNK_ROWS) * this.#rows.size
  }

  /** By the first `n` bytes of a row. */
  #cosine(row: number, n = this.#rows.bytes): number {
    const [i8, i16, first] = [this.memory.i8, this.memory.i16, this.#query.wide >>> 1]
    let product = 0
    for (let i = 0; i < n; i++) product += i8[row + i]! * i16[first + i]!
    const { scale, shared } = this.#query
    const cosine = product * scale * this.memory.f32[(row + this.#rows.bytes + ROW.scale) >>> 2]! + shared
    return fround(this.#query.axes > 0 ? cosine + this.#along(row) : cosine)
  }

  /** The product of what a row and the query have along the axes. */
  #along(row: number): number {
    const products = this.memory.floats(this.#query.axes, AXES)
    const shares = this.memory.floats(row + this.#rows.bytes + ROW.axes, AXES)
    return shares.reduce((sum, share, axis) => sum + share * products[axis]!, 0)
  }

  #compare(row: number): void {
    const at = this.#rowAt(row)
    const tail = (at + this.#rows.bytes) >>> 2
    const { doubt, slack } = this.#best
    const norm = this.memory.f32[tail + ROW.norm / 4]!
    const value = fround(this.#value(this.#cosine(at), norm))
    const { isCosine, slope, bend } = this.#metric
    const off = doubt * this.memory.f32[tail + ROW.error / 4]! + slack
    const error = isCosine ? off : norm * (slope * off - bend * norm * ROUNDED)
    this.compared.value++
    if (value + error < this.threshold.value) return
    const to = (this.#found.at >>> 2) + 3 * this.count.value++
    this.memory.u32[to] = row
    this.memory.f32[to + 1] = value
    this.memory.f32[to + 2] = value + error
    this.#raise(fround(value - error))
  }

  /** The lower bounds in order, the worst first. */
  #raise(value: number): void {
    const best = this.#best
    const heap = this.memory.floats(best.heap, best.k)
    if (best.size === best.k && value <= heap[0]!) return
    if (best.size < best.k) heap.copyWithin(1, 0, best.size++)
    let i = 0
    for (; i + 1 < best.size && heap[i + 1]! < value; i++) heap[i] = heap[i + 1]!
    heap[i] = value
    if (best.size === best.k) this.threshold.value = Math.max(fround(best.least), heap[0]!)
  }
}

function extent(values: Float32Array, first: number): number {
  return [0, 1, 2, 3].reduce((sum, j) => sum + Math.abs(values[first + j]!), 0)
}
