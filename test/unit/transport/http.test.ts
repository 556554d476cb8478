import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { httpTransport, type HttpListenOptions } from '../../../src/adapters/transport/http'
import { createBlock } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import type { Connection } from '../../../src/wire/index'
import { serveFetch } from '../../tools/serve-fetch'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** An accepting transport behind a real server, and the connections that it took. */
async function open(options: HttpListenOptions = {}) {
  const transport = httpTransport({ listen: options })
  const server = await serveFetch(request => transport.fetch(request))
  const accepted: Connection[] = []
  const listener = await transport.listen!(connection => void accepted.push(connection))
  cleanups.push(server.close, listener.close)
  return { url: `${server.url}/sync`, accepted, server, transport }
}

const batch = (...messages: readonly number[][]) =>
  Uint8Array.from(messages.flatMap(message => [message.length >> 8, message.length & 255, ...message]))

/** A client of no manners: opens a session by hand and says what it likes. */
async function openByHand(url: string) {
  const stop = new AbortController()
  const response = await fetch(url, { method: 'POST', headers: { 'cosmic-version': '1' }, signal: stop.signal })
  const reader = response.body!.getReader()
  const first = new TextDecoder().decode((await reader.read()).value)
  const { session } = JSON.parse(/data: (.*)/.exec(first)![1]!) as { session: string }
  const post = async (sequence: number | string, body: BodyInit) => {
    const headers = { 'cosmic-session': session, 'cosmic-sequence': String(sequence) }
    const answer = await fetch(url, { method: 'POST', headers, body })
    return [answer.status, answer.status === 204 ? undefined : ((await answer.json()) as { code: string }).code]
  }
  return { session, post, reader, vanish: () => stop.abort() }
}

test('frames that are replayed, out of turn, malformed or too large are refused and delivered to nobody', async () => {
  const { url, accepted } = await open()
  const { post } = await openByHand(url)
  const heard: number[][] = []
  accepted[0]!.onMessage(message => void heard.push([...message]))
  expect(await post(0, batch([1], [2, 3]))).toEqual([204, undefined])
  // A proxy that repeats a post may hand on the second answer.
  expect(await post(0, batch([1], [2, 3]))).toEqual([204, undefined])
  expect(await post(7, batch([4]))).toEqual([409, 'protocol'])
  expect(await post('1; drop', batch([4]))).toEqual([409, 'protocol'])
  expect(await post(1, new Uint8Array(262_145))).toEqual([413, 'too-large'])
  const endless = new ReadableStream<Uint8Array>({ pull: controller => controller.enqueue(new Uint8Array(65_536)) })
  const streamed = fetch(url, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    headers: { 'cosmic-session': 'x' },
  } as never)
  expect((await streamed).status).toBe(404)
  expect(await post(1, batch([5]))).toEqual([204, undefined])
  expect(await post(0, batch([1], [2, 3]))).toEqual([409, 'protocol'])
  await expect.poll(() => heard).toEqual([[1], [2, 3], [5]])
  expect(await post(2, Uint8Array.of(0, 9, 1))).toEqual([400, 'protocol'])
  expect(await accepted[0]!.closed).toMatchObject({ code: 'protocol' })
  expect(await post(2, batch([6]))).toEqual([404, 'peer-gone'])
  expect(heard).toHaveLength(3)
})

test('an unknown session, another version, another method and a foreign page are refused by name', async () => {
  const { url, accepted } = await open()
  const ask = async (init: RequestInit) => {
    const answer = await fetch(url, init)
    return [answer.status, ((await answer.json()) as { code: string }).code]
  }
  expect(await ask({ method: 'POST', headers: { 'cosmic-session': 'a'.repeat(32) } })).toEqual([404, 'peer-gone'])
  expect(await ask({ method: 'DELETE' })).toEqual([404, 'peer-gone'])
  expect(await ask({ method: 'POST', headers: { 'cosmic-version': '2' } })).toEqual([400, 'version'])
  expect(await ask({ method: 'GET' })).toEqual([405, 'protocol'])
  const origin = 'https://evil.example'
  expect(await ask({ method: 'POST', headers: { 'cosmic-version': '1', origin } })).toEqual([403, 'protocol'])
  expect(accepted).toEqual([])
})

test('a page that may connect is told so by CORS', async () => {
  const { url } = await open()
  const origin = 'http://localhost:5173'
  const asked = await fetch(url, { method: 'OPTIONS', headers: { origin } })
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin])
  expect(asked.headers.get('access-control-allow-headers')).toContain('cosmic-session')
  const stop = new AbortController()
  const headers = { origin, 'cosmic-version': '1' }
  const opened = await fetch(url, { method: 'POST', headers, signal: stop.signal })
  expect([opened.status, opened.headers.get('access-control-allow-origin')]).toEqual([200, origin])
  stop.abort()
})

test('a flood of sessions is bounded, and told to whoever dials as `limit`', async () => {
  const { url, accepted } = await open({ maxConnections: 3 })
  const held = await Promise.all([1, 2, 3].map(() => httpTransport().dial(url)))
  await expect(httpTransport().dial(url)).rejects.toMatchObject({ code: 'limit' })
  await held[0]!.close()
  await accepted[0]!.closed
  const again = await httpTransport().dial(url)
  await Promise.all([...held, again].map(connection => connection.close()))
})

test('openings have a rate of their own', async () => {
  const transport = httpTransport({ listen: { maxConnections: 1_000 } })
  await transport.listen!(connection => void connection.close())
  const opening = () => new Request('http://127.0.0.1/', { method: 'POST', headers: { 'cosmic-version': '1' } })
  const answers = await Promise.all(Array.from({ length: 300 }, () => transport.fetch(opening())))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter(status => status === 200).length).toBeLessThan(200)
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  await Promise.all(answers.map(({ body }) => body!.cancel()))
})

test('a client that vanished, and a server that did, end the other side as `peer-gone`', async () => {
  const { url, accepted, server } = await open()
  const client = await openByHand(url)
  client.vanish()
  expect(await accepted[0]!.closed).toMatchObject({ code: 'peer-gone' })
  const dialled = await httpTransport().dial(url)
  await server.close()
  expect(await dialled.closed).toMatchObject({ code: 'peer-gone' })
})

const OPEN = `event: open\ndata: ${JSON.stringify({ session: 's'.repeat(32), version: '1' })}\n\n`
const WRONG = {
  'a line without end': [{ code: 'limit' }, () => 'data: ' + 'x'.repeat(500_000)],
  'an event that is no base64': [{ code: 'protocol' }, () => 'id: 0\ndata: ***\n\n'],
  'an event out of turn': [{ code: 'protocol' }, () => 'id: 5\ndata: AAEB\n\n'],
  'a batch cut short': [{ code: 'protocol' }, () => 'id: 0\ndata: AAk=\n\n'],
  'a second opening': [{ code: 'protocol' }, () => OPEN],
  'an end for no reason': [{ code: 'peer-gone' }, () => ''],
  'an end with a reason': [{ code: 'limit' }, () => 'event: end\ndata: {"code":"limit"}\n\n'],
  'an end in order': [undefined, () => 'event: end\ndata: {}\n\n'],
} as const

test.each(Object.entries(WRONG))('a server that sends %s ends the connection so', async (_name, [failure, text]) => {
  const headers = { 'content-type': 'text/event-stream' }
  const server = await serveFetch(async () => new Response(OPEN + text(), { headers }))
  cleanups.push(server.close)
  const connection = await httpTransport().dial(server.url)
  const ended = await connection.closed
  if (failure) expect(ended).toMatchObject(failure)
  else expect(ended).toBe(undefined)
})

test.each([
  ['a page', () => new Response('hello')],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:1/' } })],
  [
    'a stream that opens nothing',
    () => new Response('data: x\n\n', { headers: { 'content-type': 'text/event-stream' } }),
  ],
  [
    'a malformed session',
    () => new Response('event: open\ndata: 7\n\n', { headers: { 'content-type': 'text/event-stream' } }),
  ],
])('%s is no agent', async (_name, answer) => {
  const server = await serveFetch(async () => answer())
  cleanups.push(server.close)
  await expect(httpTransport({ timeoutMs: 2_000 }).dial(server.url)).rejects.toMatchObject({
    code: expect.stringMatching(/unreachable|timeout|protocol|peer-gone/),
  })
})

test('a refusal that never comes to an end is read as far as it may say something', async () => {
  let sent = 0
  const server = await serveFetch(async () => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(0x20))
    }
    return new Response(new ReadableStream<Uint8Array>({ pull }), { status: 500 })
  })
  cleanups.push(server.close)
  const { dial } = httpTransport()
  await expect(dial(`${server.url}/sync`)).rejects.toMatchObject({ code: 'unreachable' })
  expect(sent).toBeLessThan(33_554_432)
})

test('a transport that listens nowhere, or already, says so', async () => {
  const { transport } = await open()
  await expect(transport.listen!(() => {})).rejects.toMatchObject({ code: 'address-in-use' })
  const idle = await httpTransport().fetch(
    new Request('http://a/', { method: 'POST', headers: { 'cosmic-version': '1' } }),
  )
  expect(idle.status).toBe(503)
})

test('two agents sync over it, both ways and live', async () => {
  const transport = httpTransport({ listen: {} })
  const server = await serveFetch(request => transport.fetch(request))
  const agents = await Promise.all(
    [transport, httpTransport()].map(async each => {
      const signer = await Signer.generate()
      const client = new SyncClient({ signer, transports: [each] })
      await client.start()
      const add = async (i: number) => {
        const block = await createBlock({ embedding: [i + 1, 1], model: 'acme:pairs', sky: false }, signer)
        return (await client.publish(block)).id
      }
      for (let i = 0; i < 40; i++) await add(i)
      cleanups.push(() => client.close())
      return { client, add }
    }),
  )
  cleanups.unshift(server.close)
  const [near, far] = agents as [(typeof agents)[0], (typeof agents)[0]]
  const peer = await far.client.connect(`${server.url}/sync`)
  expect(peer).toBe(near.client.id)
  await far.client.waitForSync()
  for (const { client } of agents) await expect.poll(async () => (await client.status()).store.blocks).toBe(80)
  const id = await near.add(1_000)
  await expect.poll(() => far.client.get(id)).toMatchObject({ id })
  const gone = new Promise(resolve => near.client.on('disconnected', ({ failure }) => resolve(failure)))
  await far.client.close()
  expect(await gone).toBe(undefined)
})

test('a body that comes by drips is let go with its session', async () => {
  const { url, accepted } = await open()
  const { session } = await openByHand(url)
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  cleanups.push(async () => socket.destroy())
  const head = `POST ${pathname} HTTP/1.1\r\nhost: a\r\ncosmic-session: ${session}\r\ncosmic-sequence: 0\r\ncontent-length: 9000\r\n\r\n`
  socket.write(`${head}drip`)
  const heard: string[] = []
  socket.on('data', (data: Buffer) => void heard.push(data.toString()))
  await new Promise(resolve => setTimeout(resolve, 50))
  await Promise.all([accepted[0]!.close(), accepted[0]!.closed])
  await expect.poll(() => heard.join('')).toMatch(/^HTTP\/1\.1 404 /)
})
