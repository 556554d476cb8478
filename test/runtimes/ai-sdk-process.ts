// Drives the AI SDK with its own mock model over a memory of this process, and prints what its tools answered.
import { embed, generateText, isStepCount } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { CosmicValidator, memoryStorage, openBlockStore, Signer, SyncClient, type Embedder } from 'cosmic-embeddings'
import { aiSdkEmbeddingModel, aiSdkTools } from 'cosmic-embeddings/ai-sdk'

const embedder: Embedder = {
  modelId: 'acme:codes',
  dimensions: 8,
  embed: async texts => texts.map(text => Float32Array.from({ length: 8 }, (_, i) => text.charCodeAt(i % text.length))),
}
const [signer, validator, store] = [
  await Signer.generate(),
  new CosmicValidator(),
  await openBlockStore(memoryStorage()),
]
const client = new SyncClient({ signer, validator, embedder, storage: store })
await client.start()
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}
const calls = [
  { toolName: 'remember', input: '{"text":"water boils"}' },
  { toolName: 'recall', input: '{"query":"water boils"}' },
]
const model = new MockLanguageModelV4({
  doGenerate: async () => {
    const call = calls.shift()
    return {
      content: [call ? { type: 'tool-call', toolCallId: call.toolName, ...call } : { type: 'text', text: 'done' }],
      finishReason: { unified: call ? 'tool-calls' : 'stop', raw: undefined },
      usage,
      warnings: [],
    }
  },
})
const tools = aiSdkTools({ client, store, signer, validator, embedder })
const { text, steps } = await generateText({ model, tools, prompt: 'Use the memory.', stopWhen: isStepCount(5) })
const outputs = steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output as unknown))
const { embedding } = await embed({ model: aiSdkEmbeddingModel(embedder), value: 'water' })
console.log(JSON.stringify({ text, outputs, dimensions: embedding.length }))
await client.close()
