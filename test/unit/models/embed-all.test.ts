import { expect, test } from 'vitest'
import type { Embedder } from '../../../src/block/index'
import { embedAll } from '../../../src/models/index'
import { rejection } from '../../../src/testing/index'

/** Counts the characters of each text. */
function counting(maxBatch?: number) {
  const calls: { texts: readonly string[]; kind: string | undefined }[] = []
  const embedder: Embedder = {
    modelId: 'test:length',
    dimensions: 1,
    ...(maxBatch !== undefined && { maxBatch }),
    embed: async (texts, { kind } = {}) => {
      calls.push({ texts, kind })
      return texts.map(text => Float32Array.of(text.length))
    },
  }
  return { embedder, calls }
}

const texts = Array.from({ length: 130 }, (_, i) => 'x'.repeat(i))

test.each([
  [50, [50, 50, 30]],
  [undefined, [64, 64, 2]],
])('keeps to batches of %s and to the order', async (maxBatch, sizes) => {
  const { embedder, calls } = counting(maxBatch)
  const progress: [number, number][] = []
  const vectors = await embedAll(embedder, texts, { kind: 'query', onProgress: (...at) => progress.push(at) })
  expect(vectors.map(([length]) => length)).toEqual(texts.map((_, i) => i))
  expect(calls.map(call => call.texts.length)).toEqual(sizes)
  expect(calls.every(call => call.kind === 'query')).toBe(true)
  expect(progress.at(-1)).toEqual([130, 130])
})

test('asks for nothing when there is nothing', async () => {
  const { embedder, calls } = counting()
  expect(await embedAll(embedder, [])).toEqual([])
  expect(calls).toEqual([])
})

test('stops between batches', async () => {
  const { embedder, calls } = counting(50)
  const stop = new AbortController()
  const run = embedAll(embedder, texts, { signal: stop.signal, onProgress: () => stop.abort() })
  expect(await rejection(run)).toBe('aborted')
  expect(calls.length).toBe(1)
})
