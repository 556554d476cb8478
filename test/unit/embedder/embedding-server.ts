import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const NATIVE_DIMENSIONS = 8
export const API_KEY = 'sk-not-a-real-key-0123456789'

/** A vector that depends on every character of the text, cut to `dimensions`; no two test texts share one. */
export function textVector(text: string, dimensions = NATIVE_DIMENSIONS): number[] {
  let state = 2166136261
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0)!, 16777619)
  return Array.from({ length: dimensions }, () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 1
    return Math.fround(state / 2 ** 31)
  })
}

interface EmbeddingRequest {
  readonly model: string
  readonly input: readonly string[]
  readonly dimensions?: number
  readonly encoding_format?: 'float' | 'base64'
}

export interface EmbeddingServer {
  readonly url: string
  /** Bodies received, and how many requests the client gave up on. */
  readonly requests: EmbeddingRequest[]
  readonly cancelled: () => number
  close(): Promise<void>
}

/**
 * Speaks the published protocols on loopback: OpenAI's `POST /v1/embeddings` (bearer key, refuses empty inputs, both
 * encodings, an `index` with each answer) and Ollama's `POST /api/embed`. The model `slow` never answers; `unordered`
 * answers in another order.
 */
export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const requests: EmbeddingRequest[] = []
  let cancelled = 0
  const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readJson(request)
    requests.push(body)
    if (body.model === 'slow') return void response.on('close', () => cancelled++)
    const [status, answer] = request.url === '/api/embed' ? ollama(body) : openAi(body, request)
    send(response, status, answer)
  }
  const server = createServer((request, response) => void answerTo(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cancelled: () => cancelled,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function openAi({ model, input, dimensions, encoding_format: format }: EmbeddingRequest, { headers }: IncomingMessage) {
  if (headers.authorization !== `Bearer ${API_KEY}`) {
    const message = `Incorrect API key provided: ${headers.authorization?.slice(7)}.`
    return [401, { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } }] as const
  }
  if (input.includes(''))
    return [400, { error: { message: "'$.input' is invalid", type: 'invalid_request_error' } }] as const
  const encode = (vector: number[]) =>
    format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector
  const data = input.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: encode(textVector(text, dimensions)),
  }))
  return [
    200,
    {
      object: 'list',
      data: model === 'unordered' ? data.reverse() : data,
      model,
      usage: { prompt_tokens: 1, total_tokens: 1 },
    },
  ] as const
}

function ollama({ model, input, dimensions }: EmbeddingRequest) {
  if (model === 'missing') return [404, { error: 'model "missing" not found, try pulling it first' }] as const
  return [200, { model, embeddings: input.map(text => textVector(text, dimensions)), total_duration: 1 }] as const
}

async function readJson(request: IncomingMessage): Promise<EmbeddingRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
