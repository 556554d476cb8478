import { once } from 'node:events'
import { request } from 'node:http'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { HttpClient, HttpError } from '../../../src/surfaces/http/http-client'
import { CosmicError } from '../../../src/base/index'
import { serveHttp, type BrokenAnswer, type HttpServer, type ServeOptions } from '../../../src/surfaces/http/index'
import { foreignBlock, openScene, type Scene } from './scene'

let scene: Scene
let server: HttpServer
async function open(options: ServeOptions = {}) {
  scene = await openScene()
  server = await serveHttp(scene.node, options)
  return new HttpClient(server.url)
}
afterEach(async () => {
  await server.close({ graceMs: 200 })
  await scene.close()
})

test('the client does over a socket what the API offers', async () => {
  const client = await open()
  const { id } = await client.create({ text: 'water boils', tags: ['physics'] })
  const block = await foreignBlock()
  expect(await client.publish(block)).toEqual({ id: block.id })
  expect(await client.get(id)).toMatchObject({ id, input: { content: 'water boils' } })
  expect(await client.get('b' + 'a'.repeat(58))).toBeUndefined()
  expect((await client.list({ tags: ['physics'], newest: false, limit: 5 })).items.map(each => each.id)).toEqual([id])
  expect((await client.search({ text: 'boiling water', k: 1 })).hits[0]!.block.id).toBe(id)
  expect(await client.validate(id)).toMatchObject({ status: 'valid' })
  expect(await client.related(id)).toEqual({ links: [], linkedFrom: [], about: [] })
  expect((await client.history(id)).conflict).toBe(false)
  expect((await client.status()).id).toBe(scene.node.signer.did)
  const other = await openScene()
  const [address] = (await other.node.client.status()).addresses
  const { peer } = await client.connect(address!, { peer: other.node.signer.did })
  expect((await client.peers()).items).toMatchObject([{ peer }])
  await client.disconnect(peer)
  const archive = new Uint8Array(await new Response(await client.export()).arrayBuffer())
  await other.close()
  expect(await client.import(archive)).toMatchObject({ stored: (await scene.node.store.stats()).blocks })
  const error = await client.create({ text: 'a', tags: [''] }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(HttpError)
  expect(error).toMatchObject({ status: 400, field: 'tags.0' })
})

test('the application keeps its own Request and Response', async () => {
  const before = [globalThis.Request, globalThis.Response]
  await open()
  expect([globalThis.Request, globalThis.Response]).toEqual(before)
  const response = await fetch(`${server.url}/status`, { method: 'HEAD' })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect([globalThis.Request, globalThis.Response]).toEqual(before)
})

test('events arrive while they happen, and end with the server', async () => {
  const client = await open()
  const events = client.events()
  const next = events.next()
  const { id } = await client.create({ text: 'now' })
  expect((await next).value).toMatchObject({ event: 'block', data: { id } })
  const last = events.next()
  await server.close()
  expect(await last.catch(() => ({ done: true }))).toMatchObject({ done: true })
})

test('a port in use, a foreign address, and an open network without tokens are refused', async () => {
  await open()
  const port = Number(new URL(server.url).port)
  await expect(serveHttp(scene.node, { port })).rejects.toMatchObject({ code: 'address-in-use' })
  await expect(
    serveHttp(scene.node, { host: '192.0.2.1', tokens: [{ token: 'x'.repeat(16), scopes: ['read'] }], hosts: ['a'] }),
  ).rejects.toMatchObject({ code: 'bad-address' })
  await expect(serveHttp(scene.node, { host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'missing-field',
    field: 'tokens',
  })
  await expect(
    serveHttp(scene.node, { host: '0.0.0.0', tokens: [{ token: 'x'.repeat(16), scopes: ['read'] }] }),
  ).rejects.toMatchObject({ field: 'hosts' })
})

test('a thousand clients that send a byte now and then leave others served', async () => {
  const client = await open()
  const port = Number(new URL(server.url).port)
  const slow = Array.from({ length: 1_000 }, () => net.connect(port, '127.0.0.1'))
  for (const socket of slow) {
    socket.on('error', () => {})
    socket.write(
      'POST /blocks HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
    )
  }
  await Promise.all(slow.map(socket => once(socket, 'connect')))
  for (let i = 0; i < 20; i++) await client.create({ text: `served ${i}` })
  expect((await client.list({ limit: 100 })).items).toHaveLength(20)
  slow.forEach(socket => socket.destroy())
})

test('a body without an end, a head without an end, and nonsense are cut off', async () => {
  await open()
  const port = Number(new URL(server.url).port)
  const bomb = request({
    port,
    host: '127.0.0.1',
    path: '/blocks',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  bomb.on('error', () => {})
  const answered = once(bomb, 'response')
  for (let i = 0; i < 40; i++) bomb.write(Buffer.alloc(65_536, 32))
  expect((await answered)[0].statusCode).toBe(413)
  bomb.destroy()
  const raw = async (text: string) => {
    const socket = net.connect(port, '127.0.0.1')
    let got = ''
    socket.on('error', () => {})
    socket.on('data', chunk => (got += chunk))
    socket.write(text)
    await once(socket, 'close')
    return got.split('\r\n', 1)[0]
  }
  expect(await raw(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain('431')
  expect(await raw('nonsense\r\n\r\n')).toContain('400')
  expect(await raw('GET /blocks/../../etc/passwd HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n')).toContain(
    '404',
  )
  expect(await raw('GET /%00 HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n')).toContain('404')
})

test('what is no request is a problem document all the same', async () => {
  await open()
  const port = Number(new URL(server.url).port)
  const ask = async (text: string) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.on('error', () => {})
    socket.on('data', chunk => (got += chunk))
    await once(socket, 'close')
    const [head = '', body = ''] = got.split('\r\n\r\n')
    return { head, problem: JSON.parse(body) as { status: number; code: string; instance: string } }
  }
  const wrong: [string, number][] = [
    ['nonsense\r\n\r\n', 400],
    ['FOO / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n${'x: y\r\n'.repeat(9_000)}\r\n`, 431],
    ['GET / HTTP/1.1\r\nhost: a@127.0.0.1\r\nconnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: 127.0.0.1:99999\r\nconnection: close\r\n\r\n', 400],
    ['GET /status HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['GET /status HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n', 403],
  ]
  for (const [text, status] of wrong) {
    const { head, problem } = await ask(text)
    expect([text.slice(0, 60), head.split(' ')[1], problem.status]).toEqual([text.slice(0, 60), String(status), status])
    expect(head).toContain('application/problem+json')
    expect(problem.instance).toBe(`urn:request:${/x-request-id: (\S+)/i.exec(head)![1]!}`)
  }
})

test('connections that do not read their events are cut, whatever the events weigh', async () => {
  const broken: BrokenAnswer[] = []
  const listeners = new Set<(event: unknown) => void>()
  scene = await openScene()
  const on = (name: string, listener: (event: unknown) => void) => {
    if (name === 'erased') listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const client = new Proxy(scene.node.client, {
    get: (target, name) => (name === 'on' ? on : (Reflect.get(target, name, target) as unknown)),
  })
  server = await serveHttp({ ...scene.node, client }, { onBroken: each => void broken.push(each) })
  const sockets = Array.from({ length: 3 }, () => net.connect(Number(new URL(server.url).port), '127.0.0.1'))
  for (const socket of sockets) socket.write('GET /events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
  for (const socket of sockets) await once(socket, 'data')
  for (const socket of sockets) socket.pause()
  // Once for all of them.
  expect(listeners.size).toBe(1)
  const block = 'x'.repeat(200_000)
  for (let i = 0; i < 300 && broken.length < 3; i++) {
    for (const listener of listeners) listener({ block })
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(broken.map(({ error }) => (error as CosmicError).code)).toEqual(['limit', 'limit', 'limit'])
  expect(listeners.size).toBe(0)
  await Promise.all(sockets.map(socket => once(socket.resume(), 'close')))
})

test('an export that fails is a problem before it began, and a connection that is cut after', async () => {
  const broken: BrokenAnswer[] = []
  const onBroken = broken.push.bind(broken)
  const fault = () => new CosmicError({ code: 'storage', field: 'log' })
  let chunks = 0
  scene = await openScene()
  const client = new Proxy(scene.node.client, {
    get: (target, name) => {
      if (name === 'export') return failing
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  async function* failing() {
    for (let i = 0; i < chunks; i++) yield await Promise.resolve(new Uint8Array(70_000).fill(7))
    throw fault()
  }
  server = await serveHttp({ ...scene.node, client }, { onBroken })
  const before = await fetch(`${server.url}/export`)
  expect([before.status, await before.json()]).toMatchObject([503, { code: 'storage', field: 'log' }])
  for (chunks of [1, 2, 40]) {
    const response = await fetch(`${server.url}/export`).catch(() => undefined)
    if (response) await expect(response.arrayBuffer()).rejects.toThrow()
    expect(broken.splice(0)).toMatchObject([{ requestId: expect.any(String), error: { code: 'storage' } }])
  }
  // Whoever leaves in the middle breaks nothing.
  chunks = 1_000
  const left = await fetch(`${server.url}/export`)
  await left.body!.cancel()
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  expect(broken).toEqual([])
})

test('closing lets an answer under way end, and then ends the rest', async () => {
  const client = await open()
  await client.create({ text: 'something to export' })
  const body = await client.export()
  const [archive] = await Promise.all([new Response(body).arrayBuffer(), server.close()])
  expect(archive.byteLength).toBeGreaterThan(100)
  await expect(client.status()).rejects.toThrow()
})
