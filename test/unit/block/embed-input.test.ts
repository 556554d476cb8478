import { describe, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { blockVector, createBlock, type Embedder } from '../../../src/block/index'
import { refusal, signer } from './making'

/** Answers the length and the first character, and remembers what it was asked. */
class LengthEmbedder implements Embedder {
  readonly modelId = 'test:length'
  readonly dimensions = 2
  readonly asked: unknown[] = []
  async embed(texts: readonly string[], options?: object): Promise<Float32Array[]> {
    this.asked.push(texts, options)
    return texts.map(text => Float32Array.of(text.length, text.charCodeAt(0)))
  }
}

describe('with an embedder', () => {
  test('the text becomes a vector, as a document', async () => {
    const embedder = new LengthEmbedder()
    const { signal } = new AbortController()
    const block = await createBlock({ embedder, input: { type: 'text', content: 'Abc' }, signal }, signer)
    expect(block.embedding.model).toBe('test:length')
    expect([...blockVector(block)]).toEqual([3, 65])
    expect(embedder.asked).toEqual([['Abc'], { kind: 'document', signal }])
    expect(block.input.content).toBe('Abc')
  })

  const input = { type: 'text', content: 'Abc' }
  const embedderOf = (embed: Embedder['embed']): Embedder => ({ modelId: 'test:bad', dimensions: 2, embed })

  test('that fails, the error is embedder with its cause', async () => {
    const cause = new Error('no memory')
    const embedder = embedderOf(() => Promise.reject(cause))
    expect(await refusal({ embedder, input })).toMatchObject({
      code: 'embedder',
      hint: 'test:bad: Error: no memory',
      cause,
    })
  })

  test('that is aborted, the error is aborted; a CosmicError passes as it is', async () => {
    const embedder = embedderOf((_, options) => Promise.reject(options!.signal!.reason as Error))
    expect(await refusal({ embedder, input, signal: AbortSignal.abort() })).toMatchObject({ code: 'aborted' })
    const own = new CosmicError({ code: 'missing-peer', package: 'x' })
    expect(await refusal({ embedder: embedderOf(() => Promise.reject(own)), input })).toBe(own)
  })

  test('that answers too little, the error is wrong-length', async () => {
    for (const answer of [[], [new Float32Array(3)]]) {
      const embedder = embedderOf(async () => answer)
      expect(await refusal({ embedder, input })).toMatchObject({ code: 'wrong-length', field: 'embedding', limit: 2 })
    }
    const nan = embedderOf(async () => [Float32Array.of(1, Number.NaN)])
    expect(await refusal({ embedder: nan, input })).toMatchObject({ code: 'non-finite', field: 'embedding[1]' })
  })
})
