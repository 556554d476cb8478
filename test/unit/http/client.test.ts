import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { HttpClient, HttpError } from '../../../src/surfaces/http/http-client'
import { serveHttp } from '../../../src/surfaces/http/index'
import { memoryStorage } from '../../../src/store/index'
import { spoilRecord } from '../../tools/store-keys'
import { openScene } from './scene'

const ID = `b${'a'.repeat(58)}`
let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Something on a port that is no node. */
async function stranger(answer: (response: ServerResponse) => void, type = 'application/json', status = 200) {
  server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': type, 'x-request-id': 'one' })
    answer(response)
  })
  await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Everything that can be asked. */
const QUESTIONS: readonly ((client: HttpClient, signal?: AbortSignal) => Promise<unknown>)[] = [
  (client, signal) => client.publish({ bytes: new Uint8Array(8) }, signal),
  (client, signal) => client.create({ text: 'x' }, signal),
  (client, signal) => client.get(ID, signal),
  (client, signal) => client.list({}, signal),
  (client, signal) => client.search({ text: 'x' }, signal),
  (client, signal) => client.validate(ID, signal),
  (client, signal) => client.related(ID, signal),
  (client, signal) => client.history(ID, signal),
  (client, signal) => client.status(signal),
  (client, signal) => client.peers(signal),
  (client, signal) => client.connect('ws://127.0.0.1:1', {}, signal),
  (client, signal) => client.import(new Uint8Array(8), signal),
  async (client, signal) => new Response(await client.export(signal ? { signal } : {})).arrayBuffer(),
  (client, signal) => client.events(signal).next(),
]
const failuresOf = (url: string, signal?: AbortSignal, options = {}) =>
  Promise.all(
    QUESTIONS.map(ask =>
      ask(new HttpClient(url, options), signal).then(
        value => ({ code: `answered ${JSON.stringify(value)}` }),
        (error: HttpError) => error,
      ),
    ),
  )
const codes = (failures: readonly { code: string }[]) => [...new Set(failures.map(({ code }) => code))].sort()

test('whatever a stranger answers is an error with a code, never a value and never another error', async () => {
  const page = await failuresOf(await stranger(response => response.end('<html>log in</html>'), 'text/html'))
  expect([codes(page), page.every(error => error instanceof HttpError)]).toEqual([['bad-json', 'bad-type'], true])
  for (const body of ['', 'null', '7', '{}', '{"id":']) {
    server!.close()
    expect(codes(await failuresOf(await stranger(response => response.end(body))))).toEqual(['bad-json', 'bad-type'])
  }
  const cut = await stranger(response => {
    response.write('{"items":[')
    setTimeout(() => response.destroy(), 20)
  })
  expect(codes(await failuresOf(cut))).toEqual(['bad-type', 'truncated'])
})

test('a page that is not there is no block that is not there, and a problem of strange parts is one all the same', async () => {
  const proxy = new HttpClient(await stranger(response => response.end('<h1>404</h1>'), 'text/html', 404))
  await expect(proxy.get(ID)).rejects.toMatchObject({ status: 404, code: 'unknown' })
  for (const body of ['null', '[]', '{"code":7,"detail":{},"field":[],"limit":{}}']) {
    const strange = new HttpClient(await stranger(response => response.end(body), 'application/problem+json', 502))
    await expect(strange.status()).rejects.toMatchObject({ name: 'HttpError', status: 502, code: 'unknown' })
  }
  const scene = await openScene()
  const node = await serveHttp(scene.node)
  await expect(new HttpClient(`${node.url}/api`).get(ID)).rejects.toMatchObject({ status: 404, code: 'no-route' })
  await expect(new HttpClient(node.url).get('../status')).rejects.toMatchObject({ status: 400, field: 'id' })
  await node.close()
  await scene.close()
})

test('an answer without end is left, and so is an event', async () => {
  const endless = (response: ServerResponse) => {
    const more = () => void (response.destroyed || (response.write('x'.repeat(65_536)), setImmediate(more)))
    more()
  }
  const failures = await failuresOf(await stranger(endless), undefined, { maxBytes: 1_000_000 })
  expect(codes(failures)).toEqual(['bad-type', 'too-large'])
  const problem = await failuresOf(await stranger(endless, 'application/problem+json', 500))
  expect(codes(problem)).toEqual(['unknown'])
  const events = new HttpClient(await stranger(endless, 'text/event-stream')).events()
  await expect(events.next()).rejects.toMatchObject({ code: 'too-large' })
  const noJson = new HttpClient(await stranger(response => response.write('data: {\n\n'), 'text/event-stream')).events()
  await expect(noJson.next()).rejects.toMatchObject({ code: 'bad-json' })
})

test('whatever is asked can be stopped, and nobody there is unreachable', async () => {
  const silent = await stranger(response => response.flushHeaders())
  expect(codes(await failuresOf(silent, AbortSignal.timeout(50)))).toEqual(['aborted', 'bad-type'])
  server!.closeAllConnections()
  await new Promise(resolve => server!.close(resolve))
  expect(codes(await failuresOf(silent))).toEqual(['unreachable'])
})

test('what is no address is refused at once, and no password is shown', () => {
  for (const url of ['nonsense', 'ftp://a', 'http://', 'http://ann:secret@127.0.0.1:1', 'http://a/?x=1']) {
    const made = () => new HttpClient(url)
    expect(made).toThrow(expect.objectContaining({ code: 'bad-address', field: 'url' }) as Error)
    expect(made).not.toThrow(/secret/)
  }
})

test('how an export ended is told: what the node could not give', async () => {
  const raw = memoryStorage()
  const scene = await openScene({}, raw)
  scene.node.client.on('error', () => {})
  const node = await serveHttp(scene.node)
  const client = new HttpClient(node.url)
  const ids: string[] = []
  for (const text of ['a', 'b', 'c']) ids.push((await client.create({ text })).id)
  const told: object[] = []
  const whole = async () => {
    const archive = await client.export({ onReport: report => void told.push(report) })
    return new Uint8Array(await new Response(archive).arrayBuffer())
  }
  await spoilRecord(raw, ids[1]!)
  expect(await client.import(await whole())).toMatchObject({ stored: 2, refused: 0 })
  expect(told).toEqual([{ blocks: 2, missing: 1 }])
  const response = await fetch(`${node.url}/export`, { headers: { 'x-request-id': 'backup-7' } })
  await response.arrayBuffer()
  const report = await fetch(`${node.url}/exports/backup-7`)
  expect(await report.json()).toEqual({ blocks: 2, missing: 1 })
  expect((await fetch(`${node.url}/exports/other`)).status).toBe(404)
  await node.close()
  await scene.close()
})
