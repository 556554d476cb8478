import { describe, expect, test } from 'vitest'
import { checkedEmbedder, type EmbedderParts } from '../../../src/adapters/embedder/checked-embedder'
import { fromOpenAI } from '../../../src/adapters/embedder/from'
import type { CosmicError } from '../../../src/base/index'

type Answer = Awaited<ReturnType<EmbedderParts['call']>>

const answering = (answer: unknown) =>
  checkedEmbedder({ modelId: 'acme:embed-1', dimensions: 2, call: async () => answer as Answer })
const code = (error: unknown) => (error as CosmicError).code
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as CosmicError,
  )

describe('what a model answers is not trusted', () => {
  test.each([
    ['nothing', undefined, 'wrong-length', 'embeddings'],
    ['an error object', { error: 'busy' }, 'wrong-length', 'embeddings'],
    ['too few vectors', [[1, 2]], 'wrong-length', 'embeddings'],
    [
      'too many vectors',
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      'wrong-length',
      'embeddings',
    ],
    ['a hole', Object.assign(new Array(2), { 0: [1, 2] }), 'wrong-length', 'embeddings[1]'],
    ['null for a vector', [[1, 2], null], 'wrong-length', 'embeddings[1]'],
    ['a shorter vector', [[1, 2], [1]], 'wrong-length', 'embeddings[1]'],
    [
      'a longer vector',
      [
        [1, 2],
        [1, 2, 3],
      ],
      'wrong-length',
      'embeddings[1]',
    ],
    ['text of the right length', ['12', [1, 2]], 'non-finite', 'embeddings[0]'],
    [
      'NaN',
      [
        [1, 2],
        [1, Number.NaN],
      ],
      'non-finite',
      'embeddings[1]',
    ],
    [
      'null for a number',
      [
        [1, null],
        [1, 2],
      ],
      'non-finite',
      'embeddings[0]',
    ],
    [
      'a number beyond single precision',
      [
        [1, 2],
        [1e39, 0],
      ],
      'non-finite',
      'embeddings[1]',
    ],
    [
      'vectors of tokens',
      [
        [[1], [2]],
        [[1], [2]],
      ],
      'non-finite',
      'embeddings[0]',
    ],
  ])('%s', async (_, answer, expected, field) => {
    expect(await refusal(answering(answer).embed(['a', 'b']))).toMatchObject({ code: expected, field })
  })
  test('typed arrays pass', async () => {
    const answer = [Float64Array.of(1, 2), Float32Array.of(3, 4)]
    expect(await answering(answer).embed(['a', 'b'])).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
  })
  test.each([
    ['an index given twice', [1, 1], 'embeddings[0]'],
    ['an index beyond the texts', [0, 1e9], 'embeddings'],
    ['a negative index', [0, -1], 'embeddings'],
  ])('%s', async (_, indices, field) => {
    const create = async () => ({ data: indices.map(index => ({ index, embedding: [1, 2] })) })
    const embedder = fromOpenAI({ embeddings: { create } }, { model: 'm', dimensions: 2 })
    expect(await refusal(embedder.embed(['a', 'b']))).toMatchObject({ code: 'wrong-length', field })
  })
})

describe('what a model throws', () => {
  test.each([new Error('token=secret'), 'secret', { statusCode: 500, secret: 1 }, undefined])('%s', async thrown => {
    const call = () => Promise.reject(thrown)
    const error = await refusal(checkedEmbedder({ modelId: 'acme:embed-1', dimensions: 2, call }).embed(['a']))
    expect(error.code).toBe('embedder')
    expect(error.cause).toBe(thrown)
    expect(error.message).toContain('acme:embed-1')
    expect(error.message).not.toContain('secret')
  })
  test('also before it returns a promise', async () => {
    const call = (): never => {
      throw new TypeError('not now')
    }
    const error = await refusal(checkedEmbedder({ modelId: 'acme:embed-1', dimensions: 2, call }).embed(['a']))
    expect(error.code).toBe('embedder')
  })
})

test('a call without texts does not reach the model', async () => {
  expect(await answering(undefined).embed([])).toEqual([])
})

describe('what an embedder claims is checked at once', () => {
  const claim = (parts: Partial<EmbedderParts>) => () =>
    checkedEmbedder({ modelId: 'acme:embed-1', dimensions: 2, call: async () => [], ...parts })
  test.each([
    [{ modelId: 'no provider' }, 'bad-model-id'],
    [{ modelId: '' }, 'bad-model-id'],
    [{ modelId: 'acme:embed-1#3' }, 'wrong-length'],
    [{ dimensions: 0 }, 'out-of-range'],
    [{ dimensions: 1.5 }, 'out-of-range'],
    [{ dimensions: 8193 }, 'out-of-range'],
    [{ maxBatch: 0 }, 'out-of-range'],
    [{ maxBatch: Number.POSITIVE_INFINITY }, 'out-of-range'],
  ])('%o', (parts, expected) => {
    expect(claim(parts)).toThrow(expect.toSatisfy(error => code(error) === expected))
  })
  test('the longest vectors and a matching #dims pass', () => {
    expect(claim({ modelId: 'acme:embed-1#8192', dimensions: 8192 })().dimensions).toBe(8192)
  })
})
