import type { ChildProcess } from 'node:child_process'
import type { Benchmark, BenchResult } from './benchmark'
import {
  CONNECTIONS,
  eachOnce,
  hear,
  inTurns,
  loadCannon,
  start,
  type Cannon,
  type Load,
  type Requests,
} from './http/load'
import { vectorOf } from './http/queries'
import type { IngestTask, Listening } from './http/server'
import { say } from './search/cache'
import { makeTagged } from './tagged-blocks'

const BLOCKS = 100_000
const FEW = 5_000
const NEW = 6_000

const about = `One process with ${BLOCKS.toLocaleString('en-US')} blocks (384 dimensions f32) in memory serves the HTTP API; autocannon asks from another one, with ${CONNECTIONS} kept-alive
connections, on the same cores, in turns with its peer. "bare" is a Hono route on the same server library that answers as many bytes with nothing behind
them (of a search it parses the question and writes as large an answer as JSON). "SDK" is \`client.search\` in the serving process, one after the other,
without HTTP. Blocks that are posted are new: each is verified, stored and indexed; "ingest" does the same in the serving process, from bytes, as many at once.
"not measured" is the same server, with ${FEW.toLocaleString('en-US')} blocks, whose node nobody measures. Under attack 1,000 clients send a byte of a body each second and four send
bodies without an end, all from a third process on the same cores; "at rest" is the same load without them. A call over MCP is \`tools/call relate\`. p99 is
autocannon's, in milliseconds.`

const CBOR = { accept: 'application/cbor' }
const JSON_BODY = { 'content-type': 'application/json' }

async function run(): Promise<BenchResult[]> {
  const children: ChildProcess[] = []
  const begin = async <T>(program: string, ...args: string[]) => {
    const { child, told } = await start<T>(program, ...args)
    children.push(child)
    return { child, told }
  }
  try {
    return await measure(begin)
  } finally {
    for (const child of children) child.kill()
  }
}

type Begin = <T>(program: string, ...args: string[]) => Promise<{ child: ChildProcess; told: T }>

async function measure(begin: Begin): Promise<BenchResult[]> {
  const cannon = loadCannon()
  const { child, told: ours } = await begin<Listening>('server', 'ours', String(BLOCKS))
  const sample = await (await fetch(`${ours.url}/blocks/${ours.ids[0]}`, { headers: CBOR })).arrayBuffer()
  const given = { block: Buffer.from(sample).toString('base64'), answer: ours.answer }
  const { told: bare } = await begin<Listening>('server', 'bare', JSON.stringify(given))
  const gets = ours.ids.map(id => ({ path: `/blocks/${id}`, headers: CBOR }))
  const places = { ours: ours.url, bare: bare.url }
  const get = await inTurns(cannon, 'GET /blocks/{id}', places, gets)
  const search = await inTurns(cannon, 'POST /search', places, searches())
  const { agents } = await inTurns(cannon, 'POST /mcp', { agents: ours.url }, relations(ours.ids), 1)
  const post = await postsAndIngest(cannon, ours.url, child)
  const measured = await measuring(cannon, begin)
  const attacked = await underAttack(cannon, begin, ours.url, gets)
  return [
    row('GET /blocks/{id}', get.ours.rate, 'requests/s', { bare: get.ours.rate / get.bare.rate }),
    row('GET /blocks/{id}, p99', get.ours.p99, 'ms', { bare: get.bare.p99 / get.ours.p99 }),
    row('POST /search', search.ours.rate, 'requests/s', {
      SDK: search.ours.rate / ours.searches!,
      bare: search.ours.rate / search.bare.rate,
    }),
    row('POST /search, p99', search.ours.p99, 'ms', { bare: search.bare.p99 / search.ours.p99 }),
    row('POST /blocks', post.posted, 'blocks/s', { ingest: post.posted / post.ingested }),
    row('POST /mcp', agents.rate, 'calls/s', {}),
    row('GET /blocks/{id}, measured', measured.get.measured.rate, 'requests/s', {
      'not measured': measured.get.measured.rate / measured.get.plain.rate,
    }),
    row('POST /search, measured', measured.search.measured.rate, 'requests/s', {
      'not measured': measured.search.measured.rate / measured.search.plain.rate,
    }),
    row('GET /blocks/{id} under attack', attacked.rate, 'requests/s', { 'at rest': attacked.rate / get.ours.rate }),
    row('GET /blocks/{id} under attack, p99', attacked.p99, 'ms', { 'at rest': get.ours.p99 / attacked.p99 }),
    row('bodies cut off meanwhile', attacked.cut, 'bodies', {}),
  ]
}

const searches = (): Requests =>
  Array.from({ length: 64 }, (_, turn) => ({
    method: 'POST',
    path: '/search',
    headers: JSON_BODY,
    body: JSON.stringify({ vector: [...vectorOf(turn)], model: 'acme:model-0', k: 10 }),
  }))

const relations = (ids: readonly string[]): Requests =>
  ids.map(id => ({
    method: 'POST',
    path: '/mcp',
    headers: { ...JSON_BODY, accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'relate', arguments: { id } },
    }),
  }))

/** Posts new blocks and has as many ingested without HTTP, in turns. */
async function postsAndIngest(
  cannon: Cannon,
  url: string,
  child: ChildProcess,
): Promise<{ posted: number; ingested: number }> {
  const [posts, ingests]: [number[], number[]] = [[], []]
  for (let round = 0; round < 2; round++) {
    const from = BLOCKS + 2 * round * NEW
    posts.push(await posted(cannon, url, await makeTagged(NEW, from)))
    say(`${NEW} blocks without HTTP`)
    const task: IngestTask = { from: from + NEW, count: NEW, atOnce: CONNECTIONS }
    ingests.push(await hear<number>(child, task))
  }
  // The first round warms up.
  return { posted: posts[1]!, ingested: ingests[1]! }
}

/** Each block once. */
async function posted(cannon: Cannon, url: string, blocks: readonly { bytes: Uint8Array }[]): Promise<number> {
  say(`${blocks.length} times POST /blocks`)
  const headers = { 'content-type': 'application/cbor' }
  const posts = blocks.map(({ bytes }) => ({ method: 'POST', path: '/blocks', headers, body: Buffer.from(bytes) }))
  return eachOnce(cannon, url, posts)
}

async function measuring(cannon: Cannon, begin: Begin) {
  const plain = (await begin<Listening>('server', 'ours', String(FEW))).told
  const measured = (await begin<Listening>('server', 'measured', String(FEW))).told
  const places = { measured: measured.url, plain: plain.url }
  const gets = plain.ids.map(id => ({ path: `/blocks/${id}`, headers: CBOR }))
  return {
    get: await inTurns(cannon, 'GET, measured', places, gets),
    search: await inTurns(cannon, 'search, measured', places, searches()),
  }
}

async function underAttack(cannon: Cannon, begin: Begin, url: string, gets: Requests): Promise<Load & { cut: number }> {
  const { child } = await begin<string>('attack', url)
  const { ours } = await inTurns(cannon, 'GET /blocks/{id} under attack', { ours: url }, gets)
  const cut = await hear<number>(child, {})
  child.kill()
  return { ...ours, cut }
}

function row(name: string, value: number, unit: string, ratios: Record<string, number>): BenchResult {
  // autocannon's latencies are whole milliseconds: none compares with 0.
  const rounded = Object.entries(ratios)
    .filter(([, ratio]) => ratio > 0 && ratio < Infinity)
    .map(([peer, ratio]) => [peer, Number(ratio.toPrecision(3))] as const)
  return { case: name, value: Number(value.toPrecision(3)), unit, ratios: Object.fromEntries(rounded) }
}

const benchmark: Benchmark = { about, run }
export default benchmark
