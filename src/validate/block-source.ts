import { CosmicError } from '../base/index'

/** Envelopes one by one: in memory, made on the way, or streamed, one envelope a chunk. */
export type BlockSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** A source being read. */
export interface OpenSource {
  next(): Promise<IteratorResult<Uint8Array, unknown>>
  /** Lets the source go, without waiting: a silent one might never answer. Nothing is read afterwards. */
  close(): void
}

/** @throws CosmicError `bad-type` for what is none of the three, such as one single envelope */
export function openSource(source: BlockSource): OpenSource {
  const { next, release } = readerOf(source)
  let over = false
  return {
    async next() {
      if (over) return { done: true, value: undefined }
      const item = await next()
      over ||= item.done === true
      return item
    },
    close() {
      if (over) return
      over = true
      // Its failure to clean up is the source's own affair: the caller has left.
      void Promise.resolve(release()).catch(() => undefined)
    },
  }
}

interface Reader {
  next(): IteratorResult<Uint8Array, unknown> | Promise<IteratorResult<Uint8Array, unknown>>
  release(): unknown
}

function readerOf(source: BlockSource): Reader {
  // An envelope would be read as a list of numbers.
  if (typeof source !== 'object' || source === null || source instanceof Uint8Array) throw notASource()
  // Streams are not yet iterable in every browser.
  if ('getReader' in source) {
    const reader = source.getReader()
    return {
      next: async () => (await reader.read()) as IteratorResult<Uint8Array, unknown>,
      release: () => reader.cancel(),
    }
  }
  const iterator = iteratorOf(source)
  return { next: () => iterator.next(), release: async () => iterator.return?.() }
}

function iteratorOf(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
  if (Symbol.iterator in source) return source[Symbol.iterator]()
  throw notASource()
}

function notASource(): CosmicError {
  return new CosmicError({ code: 'bad-type', field: 'source', hint: 'an iterable or stream of envelopes' })
}
