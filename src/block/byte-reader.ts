import { CosmicError, refuse, unlessAborted } from '../base/index'

/** Bytes at once, or in chunks of any size. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>

/** Reads a source piece by piece. It holds one chunk of the source and the piece asked for, no more. */
export class ByteReader {
  readonly #chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal | undefined
  #chunk: Uint8Array = new Uint8Array(0)
  /** Bytes read so far, counted from where `start` says that the source begins. */
  offset: number

  constructor(source: ByteSource, start: number, signal?: AbortSignal) {
    this.#chunks = iteratorOf(source)
    this.#signal = signal
    this.offset = start
  }

  /** The next `length` bytes, a copy; `undefined` when the source ends before, and then it is read to its end. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const part = await this.#next(length - filled)
      if (part === undefined) return undefined
      out.set(part, filled)
      filled += part.length
    }
    return out
  }

  /** Passes over `length` bytes; `false` when the source ends before. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0;) {
      const part = await this.#next(left)
      if (part === undefined) return false
      left -= part.length
    }
    return true
  }

  /** Lets go of the source, wherever the reading stopped. A source that still owes an answer is not waited for. */
  async close(): Promise<void> {
    const closing = Promise.resolve(this.#chunks.return?.())
    if (this.#signal?.aborted) closing.catch(() => undefined)
    else await closing
  }

  /** What is at hand, at most `most` bytes and at least one; `undefined` at the end. */
  async #next(most: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const next = await unlessAborted(Promise.resolve(this.#chunks.next()), this.#signal)
      if (next.done === true) return undefined
      if (!(next.value instanceof Uint8Array))
        throw new CosmicError({ code: 'bad-type', field: 'source', hint: 'bytes' })
      this.#chunk = next.value
    }
    const part = this.#chunk.subarray(0, most)
    this.#chunk = this.#chunk.subarray(part.length)
    this.offset += part.length
    return part
  }
}

/** Some runtimes' streams are not iterable yet. */
function iteratorOf(given: ByteSource): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  if (given instanceof Uint8Array) return [given][Symbol.iterator]()
  const source = Object(given) as Exclude<ByteSource, Uint8Array>
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
  if (Symbol.iterator in source) return source[Symbol.iterator]()
  if (!('getReader' in source)) return refuse('bad-type', 'source', 'bytes, at once or in chunks')
  const reader = source.getReader()
  return {
    next: async () => {
      const { done, value } = await reader.read()
      return done ? { done, value: undefined } : { done, value }
    },
    return: async () => {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
