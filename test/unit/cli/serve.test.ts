import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { resolveConfig } from '../../../src/setup/index'
import type { CliHost } from '../../../src/surfaces/cli/host'
import { watchNode } from '../../../src/surfaces/cli/watch-node'
import { HttpProblem } from '../../../src/surfaces/http/problem'
import { newFolder, runCommand } from './run-command'

const cwd = newFolder()
const TOKEN = 'a-token-that-nobody-may-read'
beforeAll(() => runCommand(['init', '--yes', '--set', 'embedder.kind=none'], { cwd }))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** Serves with these settings, asks for `paths`, and stops. */
async function serve(settings: readonly string[], ...paths: string[]) {
  const env = { COSMIC_HTTP_TOKENS: JSON.stringify([{ token: TOKEN, scopes: ['admin'] }]) }
  const sets = ['http.port=0', 'storage.kind=memory', ...settings].flatMap(setting => ['--set', setting])
  const bodies: string[] = []
  const headers = { authorization: `Bearer ${TOKEN}` }
  const ran = await runCommand(['serve', '--jsonl', ...sets], {
    cwd,
    env,
    watch: (text, stop) => {
      const { url } = JSON.parse(text) as { url: string }
      const asked = paths.map(async path => bodies.push(await (await fetch(url + path, { headers })).text()))
      void Promise.all(asked).finally(stop)
    },
  })
  return { ...ran, bodies }
}

test('what happens goes to standard error as JSON, without secrets, and answers to standard output', async () => {
  const { code, out, err } = await serve(
    ['log.level=debug', 'peers=["ws://me:password@127.0.0.1:9"]'],
    '/status',
    '/none',
  )
  expect([code, out.trim().split('\n').length]).toEqual([0, 1])
  const lines = err
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'answered', route: '/status', status: 200, level: 'debug' }),
  )
  expect(lines).toContainEqual(expect.objectContaining({ route: 'unknown', status: 404 }))
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'no answer from a peer', level: 'warn' }))
  expect(err).not.toMatch(/a-token-that|password/)
})

test('by default it is quiet, and writes for people where it is told so', async () => {
  expect((await serve([], '/status')).err).not.toContain('answered')
  const { err } = await serve(['log.level=debug', 'log.format=pretty'], '/status')
  expect(err).toMatch(/^[\d:.]{12} DEBUG answered requestId=\S+ method=GET route=\/status status=200 ms=\d+$/m)
  expect((await serve(['log.level=silent'], '/status')).err).toBe('')
  expect((await runCommand(['serve', '--set', 'log.level=loud'], { cwd })).err).toContain('log.level')
})

test('it is measured for Prometheus, and for the OpenTelemetry of the process where the settings say so', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
  const { bodies } = await serve(['telemetry.openTelemetry=true'], '/metrics')
  expect(bodies[0]).toMatch(/^cosmic_store_blocks 0$/m)
  expect(bodies[0]).toMatch(/^cosmic_sync_io_bytes_total\{network_io_direction="receive"\} 0$/m)
  await reader.forceFlush()
  const names = exporter
    .getMetrics()
    .at(-1)!
    .scopeMetrics[0]!.metrics.map(({ descriptor }) => descriptor.name)
  expect(names).toContain('http.server.request.duration')
  await provider.shutdown()
  metrics.disable()
})

test('a request that fails by others’ fault is a warning without a stack, and one by this node’s an error', async () => {
  const lines: string[] = []
  const host = { err: (text: string) => void lines.push(text), hasTerminal: false } as CliHost
  const { http } = await watchNode(host, await resolveConfig({ cwd: newFolder(), env: {} }))
  const report = { requestId: '1', method: 'GET', route: '/events', status: 503, seconds: 0 }
  const errors = [
    new HttpProblem(503, 'limit', 'at most 64 streams'),
    new CosmicError({ code: 'embedder' }),
    new CosmicError({ code: 'storage' }),
    new TypeError('a fault'),
  ]
  for (const error of errors) http.onAnswer!({ ...report, error })
  expect(lines.map(line => [(JSON.parse(line) as { level: string }).level, line.includes('stack')])).toEqual([
    ['warn', false],
    ['warn', false],
    ['error', false],
    ['error', true],
  ])
})
