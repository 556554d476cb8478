import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark, BenchResult } from './benchmark'
import { vectorOf } from './http/queries'
import type { Listening } from './http/server'
import { say } from './search/cache'
import { installed } from './search/install-peers'
import { makeTagged } from './tagged-blocks'

const BLOCKS = 100_000
const NEW = 20_000
const SECONDS = 5
const CONNECTIONS = 16

const about = `One process with ${BLOCKS.toLocaleString('en-US')} blocks (384 dimensions f32) in memory serves the HTTP API; autocannon asks from another one, with ${CONNECTIONS} kept-alive
connections, on the same cores. "bare" is a Hono route on the same server library that answers as many bytes with nothing behind
them (of a search it parses the question and writes as large an answer as JSON). "SDK" is \`client.search\` in the serving process, one after the other,
without HTTP. Blocks that are posted are verified, indexed and stored. p99 is autocannon's, in milliseconds.`

interface Cannon {
  (
    options: object,
  ): Promise<{ requests: { average: number }; latency: { p99: number }; non2xx: number; errors: number }>
}

async function run(): Promise<BenchResult[]> {
  const cannon = installed({
    folder: 'autocannon',
    specs: ['autocannon@8'],
    load: require => require('autocannon') as Cannon,
  })
  if (!cannon) throw new Error('autocannon cannot be had')
  const fresh = await makeTagged(NEW)
  const ours = await start('ours', String(BLOCKS))
  const sample = await (await fetch(`${ours.at.url}/blocks/${ours.at.ids[0]}`, { headers: CBOR })).arrayBuffer()
  const given = { block: Buffer.from(sample).toString('base64'), answer: ours.at.answer }
  const bare = await start('bare', JSON.stringify(given))
  try {
    return await measure(
      cannon,
      ours.at,
      bare.at,
      fresh.map(({ bytes }) => bytes),
    )
  } finally {
    ours.child.kill()
    bare.child.kill()
  }
}

const CBOR = { accept: 'application/cbor' }
const JSON_BODY = { 'content-type': 'application/json' }

async function measure(
  cannon: Cannon,
  ours: Listening,
  bare: Listening,
  fresh: readonly Uint8Array[],
): Promise<BenchResult[]> {
  const fire = async (name: string, url: string, requests: readonly object[]) => {
    say(`${name} at ${url}`)
    const options = { url, requests, connections: CONNECTIONS, duration: SECONDS }
    await cannon({ ...options, duration: 1 })
    const { requests: asked, latency, non2xx, errors } = await cannon(options)
    if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx} refusals, ${errors} errors`)
    return { rate: asked.average, p99: latency.p99 }
  }
  const gets = ours.ids.map(id => ({ path: `/blocks/${id}`, headers: CBOR }))
  const searches = Array.from({ length: 64 }, (_, turn) => ({
    method: 'POST',
    path: '/search',
    headers: JSON_BODY,
    body: JSON.stringify({ vector: [...vectorOf(turn)], model: 'acme:model-0', k: 10 }),
  }))
  const get = await fire('GET /blocks/{id}', ours.url, gets)
  const bareGet = await fire('bare GET', bare.url, gets)
  const search = await fire('POST /search', ours.url, searches)
  const bareSearch = await fire('bare POST', bare.url, searches)
  const post = await posted(ours.url, fresh)
  return [
    row('GET /blocks/{id}', get.rate, 'requests/s', { bare: get.rate / bareGet.rate }),
    row('GET /blocks/{id}, p99', get.p99, 'ms', { bare: bareGet.p99 / get.p99 }),
    row('POST /search', search.rate, 'requests/s', {
      SDK: search.rate / ours.searches!,
      bare: search.rate / bareSearch.rate,
    }),
    row('POST /search, p99', search.p99, 'ms', { bare: bareSearch.p99 / search.p99 }),
    row('POST /blocks', post, 'blocks/s', {}),
  ]
}

/** Each block once. */
async function posted(url: string, blocks: readonly Uint8Array[]): Promise<number> {
  let next = 0
  const post = async () => {
    while (next < blocks.length) {
      const body = blocks[next++] as BodyInit
      const { status } = await fetch(`${url}/blocks`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/cbor' },
      })
      if (status !== 201) throw new Error(`a block was answered with ${status}`)
    }
  }
  say(`${blocks.length} times POST /blocks`)
  const start = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  return (blocks.length * 1_000) / (performance.now() - start)
}

function row(name: string, value: number, unit: string, ratios: Record<string, number>): BenchResult {
  // autocannon's latencies are whole milliseconds: none compares with 0.
  const rounded = Object.entries(ratios)
    .filter(([, ratio]) => ratio > 0)
    .map(([peer, ratio]) => [peer, Number(ratio.toPrecision(3))] as const)
  return { case: name, value: Number(value.toPrecision(3)), unit, ratios: Object.fromEntries(rounded) }
}

async function start(...args: string[]): Promise<{ child: ChildProcess; at: Listening }> {
  const child = fork(fileURLToPath(new URL('http/server.ts', import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const [at] = (await once(child, 'message')) as [Listening]
  return { child, at }
}

const benchmark: Benchmark = { about, run }
export default benchmark
