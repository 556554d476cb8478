import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { CosmicError } from '../base/index'
import type { OllamaClient, OpenAiClient } from '../adapters/embedder/from'

const TIMEOUT_MS = 60_000
/** 64 texts of 8,192 numbers, each written with 20 characters, and room to spare. */
const MAX_ANSWER_BYTES = 16_777_216

/** The part of the OpenAI API that embeds: `POST {url}/embeddings` with a bearer token. */
export function openAiClient(url: string, key?: string): OpenAiClient {
  const create: OpenAiClient['embeddings']['create'] = async (body, options) =>
    (await post(`${trimmed(url)}/embeddings`, body, { ...(key !== undefined && { key }), ...options })) as Awaited<
      ReturnType<OpenAiClient['embeddings']['create']>
    >
  return { embeddings: { create } }
}

/** The part of the Ollama API that embeds: `POST {url}/api/embed`. */
export function ollamaClient(url: string): OllamaClient {
  return {
    embed: async request =>
      (await post(`${trimmed(url)}/api/embed`, request)) as Awaited<ReturnType<OllamaClient['embed']>>,
  }
}

const trimmed = (url: string) => url.replace(/\/+$/, '')

async function post(url: string, body: object, options: { key?: string; signal?: AbortSignal } = {}): Promise<unknown> {
  const { key, signal } = options
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new CosmicError({ code: 'embedder', message: `no answer from ${new URL(url).origin}` }, { cause })
  })
  const text = await readBounded(answer)
  if (!answer.ok) {
    // The answer's text may repeat what was sent.
    throw new CosmicError({ code: 'embedder', message: `${new URL(url).origin} answered ${answer.status}` })
  }
  return JSON.parse(text)
}

async function readBounded(answer: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  const chunks: AsyncIterable<Uint8Array> | null = answer.body && Readable.fromWeb(answer.body as ReadableStream)
  for await (const chunk of chunks ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      throw new CosmicError({ code: 'too-large', field: 'embedder', limit: MAX_ANSWER_BYTES })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
