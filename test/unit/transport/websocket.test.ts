import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import net from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { webSocketTransport, type WebSocketListenOptions } from '../../../src/adapters/transport/websocket'
import * as browser from '../../../src/platform/web-socket.browser'
import { type Connection, MAX_MESSAGE_BYTES } from '../../../src/wire/index'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(options: WebSocketListenOptions = {}, timeoutMs?: number) {
  const accepted: Connection[] = []
  let next: ((connection: Connection) => void) | undefined
  const transport = webSocketTransport({ listen: options, ...(timeoutMs && { timeoutMs }) })
  const listener = await transport.listen!(connection => {
    accepted.push(connection)
    next?.(connection)
  })
  cleanups.push(async () => {
    await Promise.all(accepted.map(connection => connection.close()))
    await listener.close()
  })
  const arrival = () => new Promise<Connection>(resolve => (next = resolve))
  return { listener, address: listener.addresses[0]!, accepted, arrival }
}

async function serve(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return (server.address() as net.AddressInfo).port
}

/** A client that is not ours. */
function raw(address: string, origin?: string): WebSocket {
  const socket = new WebSocket(address, origin === undefined ? {} : { origin })
  socket.on('error', () => {})
  cleanups.push(() => socket.terminate())
  return socket
}

/** The HTTP status that refused a client, or 101. */
function status(address: string, origin?: string): Promise<number> {
  const socket = raw(address, origin)
  return new Promise(resolve => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
  })
}

describe('a hostile or broken other side', () => {
  test('a process killed midway is noticed as `peer-gone`', async () => {
    const { address, arrival } = await listen()
    const met = arrival()
    const script = `new (require('ws').WebSocket)('${address}').on('open', function () { this.send(Buffer.alloc(8)) })`
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
    const connection = await met
    await new Promise<void>(resolve => connection.onMessage(() => resolve()))
    child.kill('SIGKILL')
    expect(await connection.closed).toMatchObject({ code: 'peer-gone' })
    await expect(connection.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'peer-gone' })
  })

  test('a message over the limit ends the connection as `limit` on both sides', async () => {
    const { address, arrival } = await listen()
    const met = arrival()
    const socket = raw(address)
    const closed = once(socket, 'close')
    await once(socket, 'open')
    socket.send(new Uint8Array(MAX_MESSAGE_BYTES + 1))
    const connection = await met
    connection.onMessage(() => expect.unreachable())
    expect(await connection.closed).toMatchObject({ code: 'limit' })
    expect((await closed)[0]).toBe(1009)
  })

  test('a text message ends it as `protocol`', async () => {
    const { address, arrival } = await listen()
    const met = arrival()
    const socket = raw(address)
    const closed = once(socket, 'close')
    await once(socket, 'open')
    socket.send('hello')
    expect(await (await met).closed).toMatchObject({ code: 'protocol' })
    expect((await closed)[0]).toBe(4002)
  })

  test('broken frames end it as `protocol`', async () => {
    const { address, arrival } = await listen()
    const met = arrival()
    const socket = raw(address)
    await once(socket, 'open')
    ;(socket as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0xff, 0xff, 0x00]))
    expect(await (await met).closed).toMatchObject({ code: 'protocol' })
  })

  test('a sender is held back while nobody handles its messages', async () => {
    const { address, arrival } = await listen()
    const met = arrival()
    const connection = await webSocketTransport().dial(address)
    const other = await met
    let sent = 0
    const flood = (async () => {
      for (let i = 0; i < 600; i++) await connection.send(new Uint8Array(MAX_MESSAGE_BYTES)).then(() => sent++)
    })()
    let before = -1
    while (before !== sent) {
      before = sent
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    expect(sent).toBeLessThan(600)
    let arrived = 0
    other.onMessage(() => arrived++)
    await flood
    await connection.close()
    await other.closed
    expect(arrived).toBe(600)
  })
})

describe('dialling', () => {
  test('a server that accepts and says nothing is given up as `timeout`', async () => {
    const sockets: net.Socket[] = []
    const port = await serve(net.createServer(socket => sockets.push(socket)))
    const dial = webSocketTransport({ timeoutMs: 50 }).dial(`ws://127.0.0.1:${port}`)
    await expect(dial).rejects.toMatchObject({ code: 'timeout', limit: 50 })
    sockets.forEach(socket => socket.destroy())
  })

  test('a server that is no WebSocket server is `unreachable`', async () => {
    const port = await serve(createServer((_, response) => response.end('hello')))
    await expect(webSocketTransport().dial(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('secrets of the address stay out of the name', async () => {
    const { address } = await listen()
    const connection = await webSocketTransport().dial(`${address.replace('//', '//user:secret@')}/x?token=secret`)
    expect(connection.remote).toBe(`${address}/x`)
    await connection.close()
  })

  test('a transport that does not listen says so by its shape', () => {
    expect(webSocketTransport().listen).toBe(undefined)
  })
})

describe('listening', () => {
  test('only this machine can reach it by default', async () => {
    const { address } = await listen()
    expect(address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
  })

  test('bound to every interface it names addresses that can be dialled', async () => {
    const { listener } = await listen({ host: '0.0.0.0' })
    expect(listener.addresses.some(address => address.startsWith('ws://127.0.0.1:'))).toBe(true)
    expect(listener.addresses.some(address => address.includes('0.0.0.0'))).toBe(false)
  })

  test('a port in use is refused with its number', async () => {
    const port = Number((await listen()).address.split(':').at(-1))
    await expect(listen({ port })).rejects.toMatchObject({
      code: 'address-in-use',
      message: expect.stringContaining(`${port}`),
    })
  })

  test.each([70_000, -1, 3.5, NaN])('port %s is none', async port => {
    await expect(listen({ port })).rejects.toMatchObject({ code: 'bad-address', field: 'port' })
  })

  test('a host that is not ours is refused', async () => {
    await expect(listen({ host: '192.0.2.77' })).rejects.toMatchObject({ code: 'bad-address' })
  })

  test('the port is free once closed', async () => {
    const { listener, address } = await listen()
    await listener.close()
    await listen({ port: Number(address.split(':').at(-1)) })
  })

  test('connections beyond the cap are refused, and room is made when one ends', async () => {
    const { address, accepted } = await listen({ maxConnections: 2 })
    const first = await webSocketTransport().dial(address)
    await webSocketTransport().dial(address)
    expect(await status(address)).toBe(503)
    await expect(webSocketTransport().dial(address)).rejects.toMatchObject({ code: 'unreachable' })
    await first.close()
    await accepted[0]!.closed
    await (await webSocketTransport().dial(address)).close()
  })

  test('pages of other sites may not connect unless named', async () => {
    const { address } = await listen()
    expect(await status(address, 'https://evil.example')).toBe(403)
    expect(await status(address, 'https://localhost.evil.example')).toBe(403)
    expect(await status(address, 'null')).toBe(403)
    expect(await status(address, 'http://localhost:5173')).toBe(101)
    const named = (await listen({ origins: ['https://good.example'] })).address
    expect(await status(named, 'https://good.example')).toBe(101)
    expect(await status(named, 'http://localhost')).toBe(403)
    expect(await status((await listen({ origins: '*' })).address, 'https://evil.example')).toBe(101)
  })

  test('a client that never finishes its request is dropped', async () => {
    const { address } = await listen({}, 60)
    const socket = net.connect(Number(address.split(':').at(-1)), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
    socket.resume()
    await once(socket, 'close')
  })

  test('plain HTTP is told to upgrade', async () => {
    const { address } = await listen()
    expect((await fetch(address.replace('ws', 'http'))).status).toBe(426)
  })
})

describe('a shared server', () => {
  test('serves its own pages beside one path of ours, and outlives the listener', async () => {
    const server = createServer((_, response) => response.end('page'))
    const port = await serve(server)
    const { listener, address } = await listen({ server, path: '/agents' })
    expect(address).toBe(`ws://127.0.0.1:${port}/agents`)
    const connection = await webSocketTransport().dial(address)
    expect(await status(`ws://127.0.0.1:${port}/other`)).toBe(404)
    await connection.close()
    await listener.close()
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('page')
  })

  test('leaves paths that are not ours to others', async () => {
    const server = createServer()
    const port = await serve(server)
    server.on('upgrade', (request, socket) => {
      if (request.url === '/theirs') socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    await listen({ server, path: '/agents' })
    expect(await status(`ws://127.0.0.1:${port}/theirs`)).toBe(418)
  })
})

test('in a browser listening is refused with a hint', async () => {
  const refusal = browser.createWebSocketServer({} as never, () => {})
  await expect(refusal).rejects.toMatchObject({ code: 'no-transport', hint: expect.stringContaining('Node') })
})
