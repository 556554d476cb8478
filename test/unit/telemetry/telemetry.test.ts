import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBlock, exportCar } from '../../../src/block/index'
import { createNode, openKeyStore, resolveConfig, type CosmicNode } from '../../../src/setup/index'
import { Signer } from '../../../src/signer/index'
import { createHttpHandler } from '../../../src/surfaces/http/index'
import {
  INSTRUMENTS,
  instrument,
  openTelemetryRecorder,
  prometheusRecorder,
  recordAnswers,
  tee,
  type InstrumentName,
} from '../../../src/surfaces/telemetry/index'
import { newFolder } from '../cli/run-command'

const folder = newFolder()
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
const meterProvider = new MeterProvider({ readers: [reader] })
const prometheus = prometheusRecorder()
const MODEL = 'acme:tiny'
const nodes: CosmicNode[] = []
let told: ResourceMetrics
let text: string

async function openNode(name: string, measured: boolean): Promise<CosmicNode> {
  const flags = { folder: name, 'storage.kind': 'memory', 'embedder.kind': 'none', 'websocket.listen': 'true' }
  const { config } = await resolveConfig({ cwd: folder, env: {}, flags })
  await (await Signer.generate()).save(await openKeyStore(config))
  const recorder = measured ? tee(prometheus, await openTelemetryRecorder({ meterProvider })) : undefined
  const node = await createNode(config, recorder ? { instrumentation: instrument(recorder) } : {})
  nodes.push(node)
  return node
}

/** One node that is measured does everything once. */
beforeAll(async () => {
  const [node, other] = [await openNode('measured', true), await openNode('other', false)]
  const vector = (at: number) => Array.from({ length: 8 }, (_, i) => (i === at ? 1 : 0.1))
  for (let i = 0; i < 3; i++) {
    const block = await createBlock({ embedding: vector(i), model: MODEL, tags: ['a'] }, node.signer)
    await node.client.publish(block)
    await other.client.publish(await createBlock({ embedding: vector(i), model: MODEL }, other.signer))
  }
  await node.client.search(vector(1), { model: MODEL })
  const broken = (await createBlock({ embedding: vector(1), model: MODEL }, other.signer)).bytes.slice()
  broken[broken.length - 1]! ^= 1
  const report = await node.client.import(exportCar([{ id: 'unused', bytes: broken }] as never))
  expect(report.refused).toBe(1)
  await expect(node.client.search('text')).rejects.toMatchObject({ code: 'no-embedder' })
  const peer = await node.client.connect((await other.client.status()).addresses[0]!)
  await node.client.waitForSync({ peers: [peer] })
  await node.client.disconnect(peer)
  const handler = createHttpHandler(node, {
    figures: () => prometheus.text(),
    onAnswer: recordAnswers(await openTelemetryRecorder({ meterProvider })),
  })
  text = await (await handler.fetch(new Request('http://127.0.0.1/metrics'))).text()
  await handler.fetch(new Request('http://127.0.0.1/no/such/route'))
  handler.close()
  await reader.forceFlush()
  told = exporter.getMetrics().at(-1)!
}, 30_000)

afterAll(async () => {
  for (const node of nodes) await node.close()
  await meterProvider.shutdown()
  rmSync(folder, { recursive: true, force: true })
})

/** The points of one instrument, as the official SDK exports them. */
function points(name: InstrumentName) {
  const metrics = told.scopeMetrics.find(({ scope }) => scope.name === 'cosmic-embeddings')!.metrics
  const metric = metrics.find(({ descriptor }) => descriptor.name === name)
  if (!metric) throw new Error(`${name} was not exported`)
  const { descriptor, dataPoints } = metric
  return { descriptor, all: dataPoints as { attributes: Record<string, unknown>; value: number | { count: number } }[] }
}

/** How often something with these attributes was measured, or the sum of it. */
function count(name: InstrumentName, attributes: Record<string, unknown> = {}): number {
  return points(name)
    .all.filter(point => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
    .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0)
}

test('units and descriptions are those of the table, and every name is lower case with dots', () => {
  for (const { descriptor } of ['cosmic.search.duration', 'cosmic.store.size', 'cosmic.sync.io'].map(name =>
    points(name as InstrumentName),
  )) {
    const { unit, description } = INSTRUMENTS[descriptor.name as InstrumentName]
    expect([descriptor.unit, descriptor.description]).toEqual([unit, description])
  }
  for (const [name, { unit }] of Object.entries(INSTRUMENTS)) {
    expect(name).toMatch(/^[a-z][a-z_]*(\.[a-z_]+)+$/)
    expect(unit).toMatch(/^(s|By|\{[a-z]+\})$/)
  }
})

test('ingest, verification, refusals by code, store, search and embedding are counted', () => {
  expect(count('cosmic.ingest.blocks', { 'cosmic.outcome': 'added' })).toBe(6)
  expect(count('cosmic.publish.duration')).toBe(3)
  expect(count('cosmic.verification.duration', { 'cosmic.verdict': 'valid' })).toBe(6)
  expect(count('cosmic.verification.duration', { 'cosmic.verdict': 'invalid' })).toBe(1)
  expect(count('cosmic.blocks.refused', { 'error.type': 'bad-signature' })).toBe(1)
  expect(count('cosmic.search.duration')).toBe(2)
  expect(count('cosmic.search.duration', { 'error.type': 'no-embedder' })).toBe(1)
  expect(
    count('db.client.operation.duration', { 'db.operation.name': 'put', 'db.system.name': 'memory' }),
  ).toBeGreaterThan(2)
  expect(count('cosmic.store.blocks')).toBe(6)
})

test('sessions, peers and bytes are counted', () => {
  expect(count('cosmic.sync.session.duration')).toBe(1)
  expect(count('cosmic.peer.connections')).toBe(0)
  for (const direction of ['receive', 'transmit']) {
    expect(count('cosmic.sync.io', { 'network.io.direction': direction })).toBeGreaterThan(1_000)
  }
})

test('requests are measured by route, method and status, as the conventions want it', () => {
  const { descriptor, all } = points('http.server.request.duration')
  expect(descriptor.unit).toBe('s')
  expect(all.map(({ attributes }) => attributes)).toContainEqual({
    ...{ 'http.request.method': 'GET', 'http.route': '/metrics', 'url.scheme': 'http' },
    'http.response.status_code': 200,
  })
  expect(count('http.server.request.duration', { 'http.route': 'unknown', 'http.response.status_code': 404 })).toBe(1)
})

test('Prometheus is told the same, each family once, in its own format', () => {
  expect(text).toMatch(/^cosmic_ingest_blocks_total\{cosmic_outcome="added"\} 6$/m)
  expect(text).toMatch(/^cosmic_blocks_refused_total\{cosmic_verdict="invalid",error_type="bad-signature"\} 1$/m)
  expect(text).toMatch(/^cosmic_search_duration_seconds_bucket\{le="\+Inf"\} 1$/m)
  expect(text).toMatch(/^cosmic_store_size_bytes \d+$/m)
  const families = text.match(/^# TYPE \S+/gm)!
  expect(new Set(families).size).toBe(families.length)
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [\d.e+-]+)$/)
  }
})

test('an embedder that is frozen, and one that fails, are measured and otherwise the same', async () => {
  const frozen = Object.freeze({
    ...{ modelId: 'acme:words', dimensions: 8 },
    embed: async (texts: readonly string[]) => {
      if (texts[0] === '') throw new TypeError('no text')
      return Promise.resolve(texts.map(() => new Float32Array(8)))
    },
  })
  const embedder = instrument(await openTelemetryRecorder({ meterProvider })).embedder!(frozen)
  expect([embedder.modelId, embedder.dimensions, 'maxBatch' in embedder]).toEqual(['acme:words', 8, false])
  expect(await embedder.embed(['a', 'b'])).toHaveLength(2)
  await expect(embedder.embed([''])).rejects.toThrow('no text')
  await reader.forceFlush()
  told = exporter.getMetrics().at(-1)!
  const attributes = {
    ...{ 'gen_ai.operation.name': 'embeddings', 'gen_ai.provider.name': 'acme' },
    'gen_ai.request.model': 'acme:words',
  }
  expect(points('gen_ai.client.operation.duration').all.map(point => point.attributes)).toEqual([
    attributes,
    { ...attributes, 'error.type': '_OTHER' },
  ])
})

test('what is stored already is not counted as verified again', async () => {
  const before = count('cosmic.verification.duration')
  const [node] = nodes as [CosmicNode]
  const { hits } = await node.client.search([1, 0, 0, 0, 0, 0, 0, 0], { model: MODEL })
  expect(hits.length).toBeGreaterThan(0)
  await reader.forceFlush()
  told = exporter.getMetrics().at(-1)!
  expect(count('cosmic.verification.duration')).toBe(before)
})
