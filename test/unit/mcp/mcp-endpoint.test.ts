import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterEach, expect, test } from 'vitest'
import { createHttpHandler, serveHttp, type ServeOptions } from '../../../src/surfaces/http/index'
import { mcpEndpoint } from '../../../src/surfaces/mcp/index'
import { openScene } from '../http/scene'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const READER = 'a-reader-of-sixteen'
const WRITER = 'a-writer-of-sixteen'
const tokens = [
  { token: READER, scopes: ['search'] },
  { token: WRITER, scopes: ['write', 'search', 'read'] },
] as const

async function open(options: ServeOptions = {}) {
  const scene = await openScene()
  const server = await serveHttp(scene.node, { mcp: mcpEndpoint(scene.node), ...options })
  cleanups.push(
    () => scene.close(),
    () => server.close({ graceMs: 200 }),
  )
  const connect = async (token?: string) => {
    const client = new Client({ name: 'agent', version: '1' })
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }) as never,
    )
    cleanups.push(() => client.close())
    return client
  }
  return { ...scene, server, connect }
}

test('the official client remembers, recalls and reads over streamable HTTP, several at once', async () => {
  const { connect, node } = await open()
  const [one, two] = await Promise.all([connect(), connect()])
  const { structuredContent } = await one.callTool({ name: 'remember', arguments: { text: 'tea at four' } })
  const { id } = structuredContent as { id: string }
  const found = await two.callTool({ name: 'recall', arguments: { query: 'tea at four' } })
  expect(found.structuredContent).toMatchObject({ memories: [{ id, author: node.signer.did, text: 'tea at four' }] })
  expect((await two.readResource({ uri: `cosmic://block/${id}` })).contents).toHaveLength(1)
  expect((await one.listPrompts()).prompts).toHaveLength(2)
  const many = Array.from({ length: 20 }, (_, i) => [one, two][i % 2]!.callTool({ name: 'verify', arguments: { id } }))
  for (const { structuredContent: verdict } of await Promise.all(many))
    expect(verdict).toMatchObject({ status: 'valid' })
  expect(await one.callTool({ name: 'verify', arguments: { id: 'x' } })).toMatchObject({ isError: true })
})

test('a call that is cancelled stops, and no other client’s call of the same number', async () => {
  const { node } = await openScene()
  cleanups.push(() => node.client.close())
  const stopped: string[] = []
  let asked = 0
  const embedder = {
    ...node.embedder!,
    embed: async (texts: readonly string[], options: { signal?: AbortSignal } = {}) => {
      asked++
      await new Promise(resolve => {
        const timer = setTimeout(resolve, 400)
        options.signal!.addEventListener('abort', () => {
          clearTimeout(timer)
          stopped.push(texts[0]!)
          resolve(undefined)
        })
      })
      options.signal!.throwIfAborted()
      return node.embedder!.embed(texts, options as never)
    },
  }
  const { connect } = await open({ mcp: mcpEndpoint({ ...node, embedder }), tokens })
  const [one, two] = [await connect(WRITER), await connect(WRITER)]
  const stop = new AbortController()
  const call = { name: 'remember', arguments: { text: 'not this' } }
  const cancelled = one.callTool(call, undefined, { signal: stop.signal }).catch((error: unknown) => error)
  const kept = two.callTool({ name: 'remember', arguments: { text: 'but this' } })
  while (asked < 2) await new Promise(resolve => setTimeout(resolve, 5))
  stop.abort('no more')
  expect(await cancelled).toBeInstanceOf(Error)
  expect(await kept).toMatchObject({ structuredContent: { id: expect.any(String) } })
  expect(stopped).toEqual(['not this'])
  expect((await node.store.stats()).blocks).toBe(1)
  const timedOut = one.callTool(call, undefined, { timeout: 100 })
  await expect(timedOut).rejects.toThrow(/timed out/)
  while (stopped.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
  expect((await node.store.stats()).blocks).toBe(1)
})

test('a token does what its scopes say, and without one nobody does anything', async () => {
  const { connect } = await open({ tokens })
  await expect(connect()).rejects.toThrow(/401|token/i)
  await expect(connect('a-stranger-of-sixteen')).rejects.toThrow(/401|token/i)
  const reader = await connect(READER)
  expect((await reader.listTools()).tools.map(({ name }) => name)).toEqual(['recall'])
  expect(await reader.callTool({ name: 'remember', arguments: { text: 'a' } })).toMatchObject({ isError: true })
  const writer = await connect(WRITER)
  expect((await writer.listTools()).tools).toHaveLength(6)
})

test('a foreign page does not reach it, under its own name or this machine’s', async () => {
  const { node, server } = await open()
  const init = (origin: string) => ({
    method: 'POST',
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    headers: { origin, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  })
  const status = async (response: Promise<Response>) => (await response).status
  expect(await status(fetch(`${server.url}/mcp`, init('https://evil.example')))).toBe(403)
  expect(await status(fetch(`${server.url}/mcp`, init(server.url)))).toBe(200)
  const handler = createHttpHandler(node, { mcp: mcpEndpoint(node) })
  cleanups.push(async () => handler.close())
  const rebound = new Request('http://evil.example/mcp', init('http://evil.example'))
  expect(await status(handler.fetch(rebound))).toBe(403)
  expect(await status(fetch(`${server.url}/mcp`))).toBe(405)
})

test('without an endpoint there is none', async () => {
  const { node } = await open()
  const handler = createHttpHandler(node)
  cleanups.push(async () => handler.close())
  const post = (path: string) => handler.fetch(new Request(`http://127.0.0.1${path}`, { method: 'POST' }))
  expect([(await post('/mcp')).status, (await post('/sync')).status]).toEqual([404, 404])
})
