import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { CosmicError } from '../../base/index'
import type { CliHost } from './host'

/** The bytes of a file or a pipe, or of standard input for `-`, until the user asks to stop. Rejects with `storage` for what cannot be read. */
export async function openInput(host: CliHost, name: string): Promise<AsyncIterable<Uint8Array>> {
  if (name === '-') return host.input()
  const file = path.resolve(host.cwd, name)
  const found = await stat(file).catch((cause: unknown) => {
    throw new CosmicError({ code: 'storage', field: 'file', message: `${name} cannot be read` }, { cause })
  })
  if (found.isDirectory()) throw new CosmicError({ code: 'storage', field: 'file', message: `${name} is not a file` })
  // Stopped before anybody reads, it tells whoever reads later, instead of ending the process.
  return createReadStream(file, { signal: host.stop }).on('error', () => {})
}

/** Bytes as a text. Throws `bad-utf8`: what is signed should be what was given. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new CosmicError({ code: 'bad-utf8', field: 'file', hint: 'a text in UTF-8' }, { cause })
  }
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

/** Its lines, without empty ones; a line over `most` bytes is refused with `too-large`, other bytes with `bad-utf8`. */
export async function* readLines(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<string> {
  let rest = new Uint8Array()
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield* lineOf(Buffer.concat([rest, chunk.subarray(start, end)]), most)
      rest = new Uint8Array()
      start = end + 1
    }
    rest = Buffer.concat([rest, chunk.subarray(start)])
    if (rest.length > most) throw new CosmicError({ code: 'too-large', field: 'line', limit: most })
  }
  yield* lineOf(rest, most)
}

const LINE_FEED = 0x0a

/** The line of these bytes, or none where it is empty. */
function lineOf(bytes: Uint8Array, most: number): string[] {
  if (bytes.length > most) throw new CosmicError({ code: 'too-large', field: 'line', limit: most })
  const line = textOf(bytes).replace(/\r$/, '')
  return line.trim() === '' ? [] : [line]
}
