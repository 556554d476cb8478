import { CosmicError } from '../../base/index'
import type { Kernels } from './kernels'
import { BLOCK, CHUNK_ROWS, ROW, type Shape } from './shape'

const PAGE = 65_536
/** Memory grows by this share of itself at least. */
const AMPLE = 16
/** Chunks of rows that the table of addresses holds: four million rows. */
const MAX_CHUNKS = 4096
/** Blocks taken from memory at a time. */
const BLOCKS_AT_ONCE = 8

/** The memory of one set of vectors: rows in chunks, blocks of codes, scratch. Nothing is moved once it is placed. */
export class CodeMemory {
  readonly kernels: Kernels
  readonly shape: Shape
  readonly chunkTable: number
  readonly #chunks: number[] = []
  readonly #free = new Map<number, number[]>()
  readonly #freeBlocks: number[] = []
  #end = 4096
  #bytes: Uint8Array
  #words: Uint32Array
  #floats: Float32Array

  constructor(kernels: Kernels, shape: Shape) {
    this.kernels = kernels
    this.shape = shape
    const { buffer } = kernels.memory
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#floats = new Float32Array(buffer)
    this.chunkTable = this.allocate(4 * MAX_CHUNKS)
    kernels.setRows(this.chunkTable, shape.bytes, shape.rowSize)
  }

  get byteLength(): number {
    return this.#end
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get words(): Uint32Array {
    return this.#words
  }

  get floats(): Float32Array {
    return this.#floats
  }

  /** A place of at least `size` bytes, zeroed unless it was in use before. Throws with `limit` beyond the four gibibytes that WebAssembly addresses. */
  allocate(size: number): number {
    const rounded = Math.ceil(size / 32) * 32
    const free = this.#free.get(rounded)?.pop()
    if (free !== undefined) return free
    const at = this.#end
    const end = at + rounded
    if (end > this.#bytes.length) this.#grow(end)
    this.#end = end
    return at
  }

  /** Growing a memory replaces its buffer; nobody but this does, and not often: what is never touched takes no room. */
  #grow(end: number): void {
    const needed = Math.ceil((end - this.#bytes.length) / PAGE)
    const ample = Math.ceil(this.#bytes.length / PAGE / AMPLE)
    if (!this.#growBy(Math.max(needed, ample)) && !this.#growBy(needed))
      throw new CosmicError({ code: 'limit', field: 'search.memory', limit: this.#end })
    const { buffer } = this.kernels.memory
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#floats = new Float32Array(buffer)
  }

  #growBy(pages: number): boolean {
    try {
      this.kernels.memory.grow(pages)
      return true
    } catch {
      return false
    }
  }

  /** Gives a place back, for the next of the same size. */
  release(at: number, size: number): void {
    const rounded = Math.ceil(size / 32) * 32
    const places = this.#free.get(rounded) ?? []
    this.#free.set(rounded, places)
    places.push(at)
  }

  /** Address of a row, which is given a place first if it has none. */
  placeRow(row: number): number {
    const chunk = Math.floor(row / CHUNK_ROWS)
    while (this.#chunks.length <= chunk) {
      if (chunk >= MAX_CHUNKS)
        throw new CosmicError({ code: 'limit', field: 'search.rows', limit: MAX_CHUNKS * CHUNK_ROWS })
      const at = this.allocate(CHUNK_ROWS * this.shape.rowSize)
      this.words[(this.chunkTable >>> 2) + this.#chunks.length] = at
      this.#chunks.push(at)
    }
    return this.rowAt(row)
  }

  rowAt(row: number): number {
    return this.#chunks[Math.floor(row / CHUNK_ROWS)]! + (row % CHUNK_ROWS) * this.shape.rowSize
  }

  /** Where a row's code is: the address of its block plus its lane. */
  slotOf(row: number): number {
    return this.words[this.#behindRow(row, ROW.slot)]!
  }

  setSlot(row: number, slot: number): void {
    this.words[this.#behindRow(row, ROW.slot)] = slot
  }

  /** Length of what a row's bytes lost. */
  errorOf(row: number): number {
    return this.floats[this.#behindRow(row, ROW.error)]!
  }

  normOf(row: number): number {
    return this.floats[this.#behindRow(row, ROW.norm)]!
  }

  setNorm(row: number, norm: number): void {
    this.floats[this.#behindRow(row, ROW.norm)] = norm
  }

  /** Which generation the slot's block belongs to. */
  generationOf(slot: number): number {
    return this.#words[(slot - (slot % BLOCK.slots) + 4 * this.shape.bits + BLOCK.generation) >>> 2]!
  }

  /** Which list of it. */
  listOf(slot: number): number {
    return this.#words[(slot - (slot % BLOCK.slots) + 4 * this.shape.bits + BLOCK.list) >>> 2]!
  }

  /** A block whose slots are all empty. */
  takeBlock(generation: number, list: number): number {
    if (this.#freeBlocks.length === 0) {
      const { blockSize } = this.shape
      const at = this.allocate(BLOCKS_AT_ONCE * blockSize)
      for (let i = BLOCKS_AT_ONCE; i-- > 0;) this.#freeBlocks.push(at + i * blockSize)
    }
    const block = this.#freeBlocks.pop()!
    const tail = (block + 4 * this.shape.bits) >>> 2
    this.floats.fill(0, tail, tail + BLOCK.tail / 4)
    for (let lane = 0; lane < BLOCK.slots; lane++) this.emptySlot(block + lane)
    this.words[tail + BLOCK.generation / 4] = generation
    this.words[tail + BLOCK.list / 4] = list
    return block
  }

  /** Counts the slots of a block that are in use; answers how many are now. */
  countUsed(block: number, change: 1 | -1): number {
    return (this.words[(block + 4 * this.shape.bits + BLOCK.used) >>> 2]! += change)
  }

  giveBlock(block: number): void {
    this.#freeBlocks.push(block)
  }

  /** From then on no estimate of the slot reaches any threshold: no finite factor makes up for it. */
  emptySlot(slot: number): void {
    const lane = slot % BLOCK.slots
    this.#floats[(slot - lane + 4 * this.shape.bits + BLOCK.g + 4 * lane) >>> 2] = -Infinity
  }

  #behindRow(row: number, part: number): number {
    return (this.rowAt(row) + this.shape.bytes + part) >>> 2
  }
}
