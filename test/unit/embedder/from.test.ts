import { createOpenAI } from '@ai-sdk/openai'
import { Embeddings } from '@langchain/core/embeddings'
import { embedMany } from 'ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromAiSdk, fromLangChain, fromOllama, fromOpenAI } from '../../../src/adapters/embedder/from'
import { CosmicError } from '../../../src/base/index'
import { embedderSuite, rejection } from '../../../src/testing/index'
import { API_KEY, NATIVE_DIMENSIONS, startEmbeddingServer, textVector, type EmbeddingServer } from './embedding-server'

const NAMED = { modelId: 'acme:embed-1', dimensions: NATIVE_DIMENSIONS }
const SERVICE = { model: 'text-embedding-3-small', dimensions: NATIVE_DIMENSIONS }
const TEXTS = ['one', 'two', 'three']

let server: EmbeddingServer
beforeAll(async () => void (server = await startEmbeddingServer()))
afterAll(() => server.close())

const openAiClient = (apiKey = API_KEY) => new OpenAI({ apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 })
const aiSdkModel = (model = SERVICE.model) =>
  createOpenAI({ apiKey: API_KEY, baseURL: `${server.url}/v1` }).embedding(model)
const ollamaClient = () => new Ollama({ host: server.url })

/** Documents and queries embed differently, as with models that distinguish them. */
class TwoSided extends Embeddings {
  constructor() {
    super({})
  }
  override async embedDocuments(documents: string[]) {
    return documents.map(text => textVector(text))
  }
  override async embedQuery(document: string) {
    return textVector(`query: ${document}`)
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as CosmicError,
  )

const subjects = {
  'AI SDK': async () => fromAiSdk(aiSdkModel(), { dimensions: NATIVE_DIMENSIONS }),
  LangChain: async () => fromLangChain(new TwoSided(), NAMED),
  OpenAI: async () => fromOpenAI(openAiClient(), SERVICE),
  Ollama: async () => fromOllama(ollamaClient(), SERVICE),
}
for (const [name, open] of Object.entries(subjects)) embedderSuite({ describe, test, expect }, { name, open })

describe('AI SDK', () => {
  test("gives what the AI SDK's own embedMany gives", async () => {
    const embedder = fromAiSdk(aiSdkModel(), { dimensions: NATIVE_DIMENSIONS })
    const { embeddings } = await embedMany({ model: aiSdkModel(), values: TEXTS, maxRetries: 0 })
    expect((await embedder.embed(TEXTS)).map(vector => Array.from(vector))).toEqual(embeddings)
  })
  test("takes the model's own id and batch bound, and the caller's instead", () => {
    const own = fromAiSdk(aiSdkModel(), { dimensions: 8 })
    expect(own).toMatchObject({ modelId: 'openai:text-embedding-3-small', maxBatch: 2048 })
    const given = fromAiSdk(aiSdkModel(), { dimensions: 8, modelId: 'acme:embed-1', maxBatch: 3 })
    expect(given).toMatchObject({ modelId: 'acme:embed-1', maxBatch: 3 })
  })
})

test('LangChain: queries go to embedQuery', async () => {
  const embedder = fromLangChain(new TwoSided(), NAMED)
  const [query] = await embedder.embed(['one'], { kind: 'query' })
  expect(Array.from(query!)).toEqual(textVector('query: one'))
})

test('a prefix is put before the texts of its kind only', async () => {
  const embedder = fromLangChain(new TwoSided(), { ...NAMED, prefix: { document: 'passage: ' } })
  const [document] = await embedder.embed(['one'])
  const [query] = await embedder.embed(['one'], { kind: 'query' })
  expect(Array.from(document!)).toEqual(textVector('passage: one'))
  expect(Array.from(query!)).toEqual(textVector('query: one'))
})

describe.each([
  [
    'OpenAI',
    'openai',
    (options: { shorten: boolean; dimensions: number }) => fromOpenAI(openAiClient(), { ...SERVICE, ...options }),
  ],
  [
    'Ollama',
    'ollama',
    (options: { shorten: boolean; dimensions: number }) => fromOllama(ollamaClient(), { ...SERVICE, ...options }),
  ],
])('%s', (_, provider, open) => {
  test('gives what the service answers, in the order asked', async () => {
    const vectors = await open({ shorten: false, dimensions: NATIVE_DIMENSIONS }).embed(TEXTS)
    expect(vectors.map(vector => Array.from(vector))).toEqual(TEXTS.map(text => textVector(text)))
    expect(server.requests.at(-1)).not.toHaveProperty('dimensions')
  })
  test('shortened vectors are asked for and have their own id', async () => {
    const embedder = open({ shorten: true, dimensions: 4 })
    expect(embedder.modelId).toBe(`${provider}:text-embedding-3-small#4`)
    expect(Array.from((await embedder.embed(['one']))[0]!)).toEqual(textVector('one', 4))
  })
})

test('OpenAI: the index of an answer says which text it belongs to', async () => {
  const vectors = await fromOpenAI(openAiClient(), { ...SERVICE, model: 'unordered' }).embed(TEXTS)
  expect(vectors.map(vector => Array.from(vector))).toEqual(TEXTS.map(text => textVector(text)))
})

describe('when the service fails', () => {
  test('a refused key is told by its status, and never quoted', async () => {
    const error = await failure(fromOpenAI(openAiClient('sk-very-secret'), SERVICE).embed(['one']))
    expect(error).toBeInstanceOf(CosmicError)
    expect(error).toMatchObject({ code: 'embedder', hint: 'HTTP status 401' })
    expect(String((error.cause as Error).message)).toContain('sk-very-secret')
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('secret')
  })
  test.each([
    ['AI SDK', () => fromAiSdk(createOpenAI({ apiKey: 'no', baseURL: `${server.url}/v1` }).embedding('m'), NAMED), 401],
    ['Ollama', () => fromOllama(ollamaClient(), { ...SERVICE, model: 'missing' }), 404],
  ])('%s: so is any other refusal', async (_, open, status) => {
    expect(await failure(open().embed(['one']))).toMatchObject({ code: 'embedder', hint: `HTTP status ${status}` })
  })
  test('a service that is not there', async () => {
    const gone = await startEmbeddingServer()
    const embedder = fromOllama(new Ollama({ host: gone.url }), SERVICE)
    await gone.close()
    expect(await rejection(embedder.embed(['one']))).toBe('embedder')
  })
  test('a signal ends a call that would wait for ever, at the service too where the client can', async () => {
    const openAi = fromOpenAI(openAiClient(), { ...SERVICE, model: 'slow' })
    const aiSdk = fromAiSdk(aiSdkModel('slow'), NAMED)
    const ollama = fromOllama(ollamaClient(), { ...SERVICE, model: 'slow' })
    for (const embedder of [openAi, aiSdk, ollama]) {
      const asked = server.requests.length
      const stop = new AbortController()
      const call = rejection(embedder.embed(['one'], { signal: stop.signal }))
      await expect.poll(() => server.requests.length).toBe(asked + 1)
      stop.abort()
      expect(await call).toBe('aborted')
    }
    await expect.poll(() => server.cancelled()).toBe(2)
  })
})
