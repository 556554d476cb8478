import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { CosmicError } from '../../base/index'
import type { CliHost } from './host'

/** The bytes of a file, or of standard input for `-`. Rejects with `storage` for what cannot be read. */
export async function openInput(host: CliHost, name: string): Promise<AsyncIterable<Uint8Array>> {
  if (name === '-') return host.input()
  const file = path.resolve(host.cwd, name)
  const found = await stat(file).catch((cause: unknown) => {
    throw new CosmicError({ code: 'storage', field: 'file', message: `${name} cannot be read` }, { cause })
  })
  if (!found.isFile()) throw new CosmicError({ code: 'storage', field: 'file', message: `${name} is not a file` })
  return createReadStream(file)
}

/** All of it, up to `most` bytes. Rejects with `too-large`. */
export async function readAll(source: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > most) throw new CosmicError({ code: 'too-large', field: 'file', limit: most })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Its lines, without empty ones; a line over `most` bytes is refused with `too-large`. */
export async function* readLines(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    rest = lines.pop()!
    if (rest.length > most) throw new CosmicError({ code: 'too-large', field: 'line', limit: most })
    yield* lines.filter(line => line.trim() !== '')
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield rest
}
