import { CosmicError } from '../../base/index'
import type { Embedder } from '../../block/index'
import { miniLmEmbedder, readMiniLmOptions, type MiniLmOptions } from './minilm-embedder'

export { MINILM } from './minilm-embedder'

/** What `cosmic-embeddings/embedder/minilm` is in browsers; described where it is for Node. */
export async function miniLm(options: MiniLmOptions = {}): Promise<Embedder> {
  const { maxBatch = 32, files } = readMiniLmOptions(options, '')
  if (!files) {
    const hint = 'a browser reads no packages: say where the model, tokenizer and wasm files are served'
    throw new CosmicError({ code: 'missing-field', field: 'files', hint })
  }
  const read = (folder: 'model' | 'tokenizer', file: string) => fetchBytes(inFolder(files[folder], file))
  return miniLmEmbedder({ read, wasmFolder: async () => inFolder(files.wasm, '') }, maxBatch)
}

function inFolder(folder: string, file: string): string {
  return `${folder}${folder.endsWith('/') ? '' : '/'}${file}`
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch(cause => {
    throw new CosmicError({ code: 'embedder', field: url, hint: 'the file could not be fetched' }, { cause })
  })
  if (!response.ok) throw new CosmicError({ code: 'embedder', field: url, hint: `HTTP status ${response.status}` })
  return new Uint8Array(await response.arrayBuffer())
}
