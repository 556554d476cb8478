import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createBlock, exportCar, type Embedder } from '../../../src/block/index'
import { createNode, openKeyStore, resolveConfig, type CosmicNode } from '../../../src/setup/index'
import { Signer } from '../../../src/signer/index'
import { serveHttp, type HttpServer } from '../../../src/surfaces/http/index'
import { HttpClient } from '../../../src/surfaces/http/http-client'
import { createMcpServer, mcpEndpoint } from '../../../src/surfaces/mcp/index'
import {
  combine,
  instrument,
  openTelemetryTracer,
  prometheusRecorder,
  traceCalls,
  tracedFetch,
  traceNode,
  traceRequests,
  type Tracer,
} from '../../../src/surfaces/telemetry/index'
import { newFolder } from '../cli/run-command'

const MODEL = 'acme:tiny'
const SECRET = 'a secret text that no span may carry'
const TOKEN = 'a-token-that-no-span-may-carry'
const folder = newFolder()
const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
let tracer: Tracer
let node: CosmicNode
let other: CosmicNode
let server: HttpServer
let memory: HttpClient

/** The official SDK is registered, as an application does it: with its context manager and W3C Trace Context. */
beforeAll(async () => {
  provider.register()
  tracer = await openTelemetryTracer()
  const instrumentation = combine(instrument(prometheusRecorder()), traceNode(tracer))
  node = await openNode('traced', { instrumentation })
  other = await openNode('other', {})
  const tokens = [{ token: TOKEN, scopes: ['admin'] as const }]
  const mcp = mcpEndpoint(node, { around: traceCalls(tracer) })
  server = await serveHttp(node, { tokens, mcp, around: traceRequests(tracer) })
  memory = new HttpClient(server.url, { token: TOKEN, fetch: tracedFetch(tracer) })
})
beforeEach(() => exporter.reset())
afterAll(async () => {
  await server.close()
  await Promise.all([node.close(), other.close()])
  await provider.shutdown()
  for (const api of [trace, context, propagation]) api.disable()
  rmSync(folder, { recursive: true, force: true })
})

async function openNode(name: string, options: Parameters<typeof createNode>[1]): Promise<CosmicNode> {
  const flags = { folder: name, 'storage.kind': 'memory', 'embedder.kind': 'none', 'websocket.listen': 'true' }
  const { config } = await resolveConfig({ cwd: folder, env: {}, flags })
  await (await Signer.generate()).save(await openKeyStore(config))
  return createNode(config, options)
}

const vector = (at: number) => Array.from({ length: 8 }, (_, i) => (i === at ? 1 : 0.1))

/** The finished spans of a name. */
const spans = (name: string) => exporter.getFinishedSpans().filter(span => span.name === name)

function spanOf(name: string) {
  const [span] = spans(name)
  if (!span) throw new Error(`no span ${name} among ${exporter.getFinishedSpans().map(each => each.name)}`)
  return span
}

test('a request of the typed client is one trace, from the client to the batch that the store wrote', async () => {
  const { id } = await memory.create({ text: SECRET, embedding: vector(1), model: MODEL })
  const [ask, answered, publish, put] = ['POST', 'POST /blocks', 'cosmic.publish', 'put'].map(spanOf)
  expect([ask!.kind, answered!.kind, publish!.kind]).toEqual([SpanKind.CLIENT, SpanKind.SERVER, SpanKind.INTERNAL])
  for (const [child, parent] of [
    [answered, ask],
    [publish, answered],
    [put, publish],
  ] as const) {
    expect(child!.spanContext().traceId).toBe(ask!.spanContext().traceId)
    expect([child!.name, child!.parentSpanContext?.spanId]).toEqual([child!.name, parent!.spanContext().spanId])
  }
  const { hostname, port } = new URL(server.url)
  const place = { 'server.address': hostname, 'server.port': Number(port) }
  expect(ask!.attributes).toEqual({
    ...{ 'http.request.method': 'POST', 'http.response.status_code': 201, 'url.full': `${server.url}/blocks` },
    ...place,
  })
  expect(answered!.attributes).toEqual({
    ...{ 'http.request.method': 'POST', 'http.route': '/blocks', 'http.response.status_code': 201 },
    ...{ 'url.scheme': 'http', 'url.path': '/blocks', 'cosmic.request.id': expect.any(String) as string },
    ...place,
  })
  expect(publish!.attributes).toEqual({ 'cosmic.block.id': id })
  expect(put!.attributes).toEqual({ 'db.system.name': 'memory', 'db.operation.name': 'put', 'cosmic.ingest.added': 1 })
})

test('a trace that any other client names by W3C Trace Context is gone on with, and what is no trace is not', async () => {
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const ask = (traceparent: string) =>
    fetch(`${server.url}/blocks?tag=${TOKEN}`, { headers: { authorization: `Bearer ${TOKEN}`, traceparent } })
  await ask(`00-${traceId}-${spanId}-01`)
  expect(spanOf('GET /blocks').parentSpanContext).toMatchObject({ traceId, spanId })
  expect(spanOf('page').spanContext().traceId).toBe(traceId)
  exporter.reset()
  await ask(`00-${'0'.repeat(32)}-${spanId}-01`)
  expect(spanOf('GET /blocks').parentSpanContext).toBeUndefined()
})

test('refusals are no failures of a server span, and are those of a client; faults of the node are both', async () => {
  await expect(memory.history('nothing')).rejects.toMatchObject({ status: 400 })
  expect(spanOf('GET /blocks/{id}/history').status.code).toBe(SpanStatusCode.UNSET)
  expect([spanOf('GET').status.code, spanOf('GET').attributes['error.type']]).toEqual([SpanStatusCode.ERROR, '400'])
  await fetch(`${server.url}/${'x'.repeat(1_000)}`, { method: 'PROPFIND' })
  const unknown = spanOf('_OTHER').attributes
  expect([String(unknown['url.path']).length, unknown['http.route']]).toEqual([256, undefined])
})

test('searches, embeddings and imports say how much, and failures their code', async () => {
  await node.client.search(vector(1), { model: MODEL, k: 3 })
  expect(spanOf('cosmic.search').attributes).toEqual({
    ...{ 'cosmic.search.query': 'vector', 'cosmic.search.k': 3, 'cosmic.search.hits': 1 },
    'gen_ai.request.model': MODEL,
  })
  exporter.reset()
  await expect(node.client.search(SECRET)).rejects.toMatchObject({ code: 'no-embedder' })
  const { attributes, status, events } = spanOf('cosmic.search')
  expect(attributes).toMatchObject({ 'cosmic.search.query': 'text', 'error.type': 'no-embedder' })
  expect([status, events]).toEqual([{ code: SpanStatusCode.ERROR }, []])
  const blocks = await Promise.all(
    [2, 3].map(async at => createBlock({ embedding: vector(at), model: MODEL }, await Signer.generate())),
  )
  await node.client.import(exportCar(blocks))
  expect(spanOf('cosmic.import').attributes).toMatchObject({ 'cosmic.import.stored': 2, 'cosmic.import.refused': 0 })
  expect(spanOf('put').attributes).toMatchObject({ 'db.operation.batch.size': 2, 'cosmic.ingest.added': 2 })
  const embedder: Embedder = {
    ...{ modelId: 'acme:words', dimensions: 8 },
    embed: async texts => Promise.resolve(texts.map(() => new Float32Array(8))),
  }
  await traceNode(tracer).embedder!(embedder).embed([SECRET, SECRET], { kind: 'query' })
  expect([spanOf('embeddings acme:words').kind, spanOf('embeddings acme:words').attributes]).toEqual([
    SpanKind.CLIENT,
    {
      ...{
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': 'acme',
        'gen_ai.request.model': 'acme:words',
      },
      ...{ 'gen_ai.embeddings.dimension.count': 8, 'cosmic.embedding.texts': 2 },
    },
  ])
})

test('a session with a peer is a trace of its own, from its connection to its end', async () => {
  await other.client.publish(await createBlock({ embedding: vector(4), model: MODEL }, other.signer))
  const [address] = (await other.client.status()).addresses as [string]
  const peer = await tracer.run('application', {}, () => node.client.connect(address))
  await node.client.waitForSync({ peers: [peer] })
  expect(spanOf('cosmic.connect').attributes).toMatchObject({ 'cosmic.peer.id': peer, 'network.protocol.name': 'ws' })
  expect(spanOf('cosmic.connect').parentSpanContext?.spanId).toBe(spanOf('application').spanContext().spanId)
  expect(spans('cosmic.sync.session')).toEqual([])
  await node.client.disconnect(peer)
  const session = spanOf('cosmic.sync.session')
  expect(session.parentSpanContext).toBeUndefined()
  expect(session.attributes).toMatchObject({ 'cosmic.peer.id': peer, 'cosmic.sync.received': 1 })
  expect(session.attributes['cosmic.sync.sent']).toBeGreaterThan(0)
  expect(session.events.map(({ name }) => name)).toContain('synced')
})

test('calls over MCP have spans by its conventions, inside the trace that `_meta` names', async () => {
  const [own, peer] = InMemoryTransport.createLinkedPair()
  const mcp = await createMcpServer(node, { around: traceCalls(tracer) })
  await mcp.connect(peer)
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(own)
  const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
  await client.callTool({ name: 'peers', arguments: {}, _meta: { traceparent: `00-${traceId}-${spanId}-01` } })
  const call = spanOf('tools/call peers')
  expect([call.kind, call.parentSpanContext]).toMatchObject([SpanKind.SERVER, { traceId, spanId }])
  expect(call.attributes).toMatchObject({
    ...{ 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'peers', 'gen_ai.operation.name': 'execute_tool' },
    'network.transport': 'pipe',
  })
  await client.callTool({ name: 'remember', arguments: { text: SECRET } })
  const failed = spanOf('tools/call remember')
  expect([failed.attributes['error.type'], failed.status.code]).toEqual(['tool_error', SpanStatusCode.ERROR])
  await client.getPrompt({ name: 'keep-what-was-learned' })
  expect(spanOf('prompts/get keep-what-was-learned').attributes).toMatchObject({ 'mcp.method.name': 'prompts/get' })
  const uri = `cosmic://block/b${'a'.repeat(58)}`
  await expect(client.readResource({ uri })).rejects.toThrow()
  expect(spanOf('resources/read').attributes).toMatchObject({ 'mcp.resource.uri': uri, 'error.type': 'bad-value' })
  await client.close()
})

test('a call over HTTP lies inside the span of its request, and no span of all carries texts, vectors, tokens or queries', async () => {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'peers', arguments: { text: SECRET } } }
  const accept = 'application/json, text/event-stream'
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', accept }
  const url = `${server.url}/mcp?key=${TOKEN}`
  expect((await fetch(url, { method: 'POST', body: JSON.stringify(body), headers })).status).toBe(200)
  expect(spanOf('tools/call peers').parentSpanContext?.spanId).toBe(spanOf('POST /mcp').spanContext().spanId)
  expect(spanOf('tools/call peers').attributes['network.transport']).toBe('tcp')
  await memory.create({ text: SECRET, embedding: vector(5), model: MODEL })
  await memory.search({ vector: vector(5), model: MODEL })
  await expect(memory.search({ text: SECRET })).rejects.toMatchObject({ code: 'no-embedder' })
  await node.client.connect(`ws://user:${TOKEN}@127.0.0.1:9/${TOKEN}?${TOKEN}`).catch(() => {})
  const shown = exporter.getFinishedSpans().map(({ name, attributes, events, status, links }) => {
    return JSON.stringify({ name, attributes, events, status, links })
  })
  expect(shown.length).toBeGreaterThan(8)
  for (const each of shown) expect(each).not.toMatch(/secret|no-span-may-carry|0\.1,/)
})
