import { CosmicError } from '../base/index'
import type { OllamaClient, OpenAiClient } from '../adapters/embedder/from'

const TIMEOUT_MS = 60_000
/** 64 texts of 8,192 numbers, each written with 20 characters, and room to spare. */
const MAX_ANSWER_BYTES = 16_777_216

/** The part of the OpenAI API that embeds: `POST {url}/embeddings` with a bearer token. */
export function openAiClient(url: string, key?: string, timeoutMs = TIMEOUT_MS): OpenAiClient {
  const create: OpenAiClient['embeddings']['create'] = async (body, { signal } = {}) =>
    (await post(`${trimmed(url)}/embeddings`, body, { key, signal, timeoutMs })) as Awaited<
      ReturnType<OpenAiClient['embeddings']['create']>
    >
  return { embeddings: { create } }
}

/** The part of the Ollama API that embeds: `POST {url}/api/embed`. */
export function ollamaClient(url: string, timeoutMs = TIMEOUT_MS): OllamaClient {
  return {
    embed: async (request, { signal } = {}) =>
      (await post(`${trimmed(url)}/api/embed`, request, { signal, timeoutMs })) as Awaited<
        ReturnType<OllamaClient['embed']>
      >,
  }
}

const trimmed = (url: string) => url.replace(/\/+$/, '')

interface PostOptions {
  readonly key?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs: number
}

/** The time is that of the whole answer. It is kept by a timer of its own: signals that only signals refer to may be collected. */
async function post(url: string, body: object, { key, signal, timeoutMs }: PostOptions): Promise<unknown> {
  const ended = new AbortController()
  const end = () => ended.abort()
  const timer = setTimeout(end, timeoutMs)
  signal?.addEventListener('abort', end, { once: true })
  try {
    return await answerOf(url, body, key, ended.signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (ended.signal.aborted) throw noAnswer(url, error)
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

async function answerOf(url: string, body: object, key: string | undefined, signal: AbortSignal): Promise<unknown> {
  const { origin, href, user } = withoutUser(url)
  const authorization = key === undefined ? user : `Bearer ${key}`
  const answer = await fetch(href, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: JSON.stringify(body),
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    throw noAnswer(url, cause)
  })
  const text = await readBounded(answer, signal)
  if (!answer.ok) {
    // The answer's text may repeat what was sent.
    throw new CosmicError({ code: 'embedder', message: `${origin} answered ${answer.status}` })
  }
  return JSON.parse(text)
}

function noAnswer(url: string, cause: unknown): CosmicError {
  return new CosmicError({ code: 'embedder', message: `no answer from ${new URL(url).origin}` }, { cause })
}

/** `fetch` takes no names and passwords in an address: they go into the header that they stand for (RFC 7617). */
function withoutUser(url: string): { origin: string; href: string; user?: string } {
  const at = new URL(url)
  const [name, password] = [decodeURIComponent(at.username), decodeURIComponent(at.password)]
  at.username = at.password = ''
  const { origin, href } = at
  if (name === '' && password === '') return { origin, href }
  return { origin, href, user: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }
}

async function readBounded({ body }: Response, signal: AbortSignal): Promise<string> {
  const reader = body?.getReader()
  if (!reader) return ''
  const stop = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length
      if (bytes > MAX_ANSWER_BYTES)
        throw new CosmicError({ code: 'too-large', field: 'embedder', limit: MAX_ANSWER_BYTES })
      text += decoder.decode(next.value, { stream: true })
    }
  } finally {
    stop()
  }
  signal.throwIfAborted()
  return text + decoder.decode()
}
