import type { z } from 'zod'
import { concat, CosmicError } from '../../base/index'
import { HttpProblem } from './problem'
import type { Call } from './routes'

/** The bytes of a request, never more than `most`. Rejects with `too-large`. */
export async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  const tooLarge = () => new CosmicError({ code: 'too-large', field: 'body', limit: most })
  const announced = request.headers.get('content-length')
  if (Number(announced ?? 0) > most) throw tooLarge()
  // A server hands on no more than was announced: no need to count it chunk by chunk.
  if (announced !== null && !request.headers.has('transfer-encoding')) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > most) throw tooLarge()
    return bytes
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunksOf(request)) {
    length += chunk.length
    if (length > most) throw tooLarge()
    chunks.push(chunk)
  }
  return concat(...chunks)
}

/** A request’s body as it comes; nobody reads ahead. */
export async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader()
  if (!reader) return
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Nothing is unpacked here: how large a small body becomes is not for its sender to decide. */
export function refuseEncoded(request: Request): void {
  const encoding = request.headers.get('content-encoding')
  if (encoding === null || /^\s*(identity)?\s*$/i.test(encoding)) return
  // RFC 9110, section 12.5.3: what would be taken.
  throw new HttpProblem(415, 'content-encoding', 'send the body as it is, unencoded', { 'accept-encoding': 'identity' })
}

export function mediaTypeOf(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** A JSON body by its schema. Rejects with `bad-json`, `too-large`, and as `readBy` does. */
export async function readJson<T extends z.ZodType>(request: Request, schema: T, most: number): Promise<z.output<T>> {
  if (mediaTypeOf(request) !== 'application/json') {
    throw new HttpProblem(415, 'media-type', 'send application/json')
  }
  const bytes = await readBytes(request, most)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new CosmicError({ code: 'bad-json', field: 'body' })
  }
  return readBy(schema, value)
}

/** What stands behind the `?`, by its schema. A value that is empty is none: as a number it would be 0. */
export function readQuery<T extends z.ZodType>(schema: T, query: Call['query']): z.output<T> {
  const empty = Object.keys(query).find(name => [query[name]].flat().includes(''))
  if (empty !== undefined) throw new CosmicError({ code: 'bad-value', field: empty.slice(0, 64), hint: 'not empty' })
  return readBy(schema, query, 'query')
}

/** Throws the first thing that is wrong, by its path, or else as `name`. */
export function readBy<T extends z.ZodType>(schema: T, value: unknown, name = 'body'): z.output<T> {
  const read = schema.safeParse(value, { jitless: true })
  if (read.success) return read.data
  const issue = read.error.issues[0]!
  const field = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!.slice(0, 64)
    throw new CosmicError({ code: 'unknown-field', field: field === '' ? key : `${field}.${key}` })
  }
  throw new CosmicError({ code: 'bad-value', field: field === '' ? name : field, hint: issue.message })
}
