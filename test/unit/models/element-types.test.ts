import { beforeAll, expect, test } from 'vitest'
import { glosses, sharedGlosses } from '../../../examples/demo/glosses'
import { miniLm } from '../../../src/adapters/embedder/minilm'
import { blockVector, createBlock } from '../../../src/block/index'
import { embedAll } from '../../../src/models/index'
import { Signer } from '../../../src/signer/index'
import { recall } from '../../tools/recall'

const MODEL = 'test:minilm'
const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
let gallery: Float32Array[]
let queries: Float32Array[]

beforeAll(async () => {
  const embedder = await miniLm()
  gallery = await embedAll(embedder, glosses({ part: 0, count: 90 }))
  queries = await embedAll(embedder, sharedGlosses(25))
}, 60_000)

// `npm run bench -- elements` measures on seventeen times as many texts and states the figures in docs/benchmarks.md.
test.each([
  ['f16', 0.99],
  ['i8', 0.95],
] as const)('real vectors stored as %s find their neighbours: recall@10 of at least %d', async (element, least) => {
  const blocks = await Promise.all(gallery.map(embedding => createBlock({ embedding, model: MODEL, element }, signer)))
  expect(recall(gallery, blocks.map(blockVector), queries, 10)).toBeGreaterThanOrEqual(least)
})

test('the measure notices a loss: the sign of each number alone finds less', () => {
  const signs = gallery.map(vector => vector.map(Math.sign))
  expect(recall(gallery, gallery, queries, 10)).toBe(1)
  expect(recall(gallery, signs, queries, 10)).toBeLessThan(0.9)
})
