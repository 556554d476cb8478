import { createParser } from 'eventsource-parser'
import type { NodeEvent } from './client-types'
import { HttpError } from './http-error'

/** One event that is longer is none of a node: it shows one block, of at most 256 KiB, as JSON. */
const LONGEST = 2 ** 21

/** Server-sent events whose data are JSON. Rejects with `bad-json` and `too-large`. */
export async function* eventsOf(
  pieces: AsyncIterable<Uint8Array>,
  status: number,
): AsyncGenerator<NodeEvent, void, undefined> {
  const waiting: { event: string; data: string }[] = []
  let isTooLong = false
  const parser = createParser({
    maxBufferSize: LONGEST,
    onEvent: ({ event = 'message', data }) => void waiting.push({ event, data }),
    onError: ({ type }) => void (isTooLong ||= type === 'max-buffer-size-exceeded'),
  })
  const decoder = new TextDecoder()
  for await (const piece of pieces) {
    parser.feed(decoder.decode(piece, { stream: true }))
    for (const { event, data } of waiting.splice(0)) yield { event, data: parsed(data, status) }
    if (isTooLong) throw new HttpError(status, { code: 'too-large', limit: LONGEST, detail: 'an event is too long' })
  }
}

function parsed(data: string, status: number): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new HttpError(status, { code: 'bad-json', detail: 'an event holds no JSON' })
  }
}
