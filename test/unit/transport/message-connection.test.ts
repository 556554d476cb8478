import { describe, expect, test } from 'vitest'
import {
  HIGH_WATER_BYTES,
  MAX_INBOX_BYTES,
  MAX_OUTBOX_BYTES,
  MessageConnection,
  type MessagePipe,
} from '../../../src/adapters/transport/message-connection'
import type { Failure } from '../../../src/base/index'
import { MAX_MESSAGE_BYTES } from '../../../src/wire/index'

/** A pipe that keeps what it is given until told to let go. */
class HeldPipe implements MessagePipe {
  readonly written: Uint8Array[] = []
  buffered = 0
  notify = () => {}
  endedFor: Failure | undefined | 'open' = 'open'
  write(message: Uint8Array) {
    this.written.push(message)
    this.buffered += message.length
  }
  whenDrained(notify: () => void) {
    this.notify = notify
  }
  release() {
    this.buffered = 0
    this.notify()
  }
  async close(failure: Failure | undefined) {
    this.endedFor = failure
  }
}

class PausablePipe extends HeldPipe {
  reading = true
  pause() {
    this.reading = false
  }
  resume() {
    this.reading = true
  }
}

function open<Pipe extends MessagePipe>(pipe: Pipe) {
  return { pipe, connection: new MessageConnection(pipe, { remote: 'x', initiator: true }) }
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'sent',
    error => error.code,
  )
const turn = () => new Promise(resolve => setTimeout(resolve, 0))
const large = () => new Uint8Array(MAX_MESSAGE_BYTES)

describe('sending', () => {
  test('stops at the high-water mark and goes on in order when the pipe has drained', async () => {
    const { pipe, connection } = open(new HeldPipe())
    const sends = Array.from({ length: 40 }, (_, i) => connection.send(large().fill(i)))
    expect(pipe.buffered).toBeLessThan(HIGH_WATER_BYTES + MAX_MESSAGE_BYTES)
    while (pipe.written.length < 40) pipe.release()
    await Promise.all(sends)
    expect(pipe.written.map(message => message[0])).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })

  test('a late sender does not overtake those that wait', async () => {
    const { pipe, connection } = open(new HeldPipe())
    const sends = Array.from({ length: 18 }, (_, i) => connection.send(large().fill(i)))
    pipe.buffered = 0
    sends.push(connection.send(Uint8Array.of(99)))
    pipe.release()
    await Promise.all(sends)
    expect(pipe.written.at(-1)).toEqual(Uint8Array.of(99))
  })

  test('a caller that never waits is refused as `limit` once its messages fill the outbox', async () => {
    const { connection } = open(new HeldPipe())
    const count = Math.ceil((MAX_OUTBOX_BYTES + HIGH_WATER_BYTES) / MAX_MESSAGE_BYTES) + 2
    const sends = Array.from({ length: count }, () => code(connection.send(large())))
    expect(await sends.at(-1)).toBe('limit')
    await connection.close()
  })
})

describe('receiving', () => {
  test('a pipe that cannot pause ends as `limit` when nobody handles its messages', async () => {
    const { pipe, connection } = open(new HeldPipe())
    for (let i = 0; i * MAX_MESSAGE_BYTES <= MAX_INBOX_BYTES; i++) connection.receive(large())
    expect(await connection.closed).toMatchObject({ code: 'limit', field: 'inbox' })
    expect(pipe.endedFor).toMatchObject({ code: 'limit' })
  })

  test('empty messages fill the inbox too', async () => {
    const { connection } = open(new HeldPipe())
    for (let i = 0; i <= MAX_INBOX_BYTES / 64; i++) connection.receive(new Uint8Array(0))
    expect(await connection.closed).toMatchObject({ code: 'limit' })
  })

  test('a pipe that can pause stops reading instead, and goes on when the inbox is empty', async () => {
    const { pipe, connection } = open(new PausablePipe())
    const count = Math.ceil(MAX_INBOX_BYTES / MAX_MESSAGE_BYTES) + 1
    for (let i = 0; i < count; i++) connection.receive(large())
    expect(pipe.reading).toBe(false)
    let arrived = 0
    connection.onMessage(() => arrived++)
    await turn()
    expect([arrived, pipe.reading]).toEqual([count, true])
  })

  test('a message over the limit ends the connection as `limit` and is not handed on', async () => {
    const { connection } = open(new HeldPipe())
    connection.onMessage(() => expect.unreachable())
    connection.receive(new Uint8Array(MAX_MESSAGE_BYTES + 1))
    expect(await connection.closed).toMatchObject({ code: 'limit', limit: MAX_MESSAGE_BYTES })
  })

  test('a handler that throws ends its connection, not the process', async () => {
    const { connection } = open(new HeldPipe())
    connection.onMessage(() => {
      throw new Error('boom')
    })
    connection.receive(Uint8Array.of(1))
    connection.receive(Uint8Array.of(2))
    expect(await connection.closed).toMatchObject({ code: 'protocol', message: expect.stringContaining('boom') })
  })

  test('pausing holds what has already arrived', async () => {
    const { connection } = open(new PausablePipe())
    const arrived: number[] = []
    connection.onMessage(message => {
      arrived.push(message[0]!)
      if (message[0] === 2) connection.pause!()
    })
    for (const i of [1, 2, 3]) connection.receive(Uint8Array.of(i))
    expect(arrived).toEqual([1, 2])
    connection.resume!()
    expect(arrived).toEqual([1, 2, 3])
  })
})

describe('ending', () => {
  test('messages that came before the end reach a handler set after it', async () => {
    const { connection } = open(new HeldPipe())
    connection.receive(Uint8Array.of(1))
    connection.end()
    expect(await connection.closed).toBe(undefined)
    const arrived: Uint8Array[] = []
    connection.onMessage(message => arrived.push(message))
    await turn()
    expect(arrived).toEqual([Uint8Array.of(1)])
  })

  test('after close they do not', async () => {
    const { connection } = open(new HeldPipe())
    connection.receive(Uint8Array.of(1))
    await connection.close()
    connection.onMessage(() => expect.unreachable())
    await turn()
  })

  test('closing locally is orderly, whatever the pipe says on its way down', async () => {
    const { pipe, connection } = open(new HeldPipe())
    pipe.close = async () => connection.end({ code: 'peer-gone' })
    await connection.close()
    expect(await connection.closed).toBe(undefined)
  })

  test('the first reason to end is the one that is reported', async () => {
    const { connection } = open(new HeldPipe())
    connection.abort({ code: 'protocol' })
    connection.end({ code: 'peer-gone' })
    expect(await connection.closed).toEqual({ code: 'protocol' })
  })
})
