// One server of the HTTP benchmark in a process of its own: `server.ts ours | measured BLOCKS`, or `server.ts bare JSON`. Tells its
// parent where it listens; `ours` ingests blocks of its own when it is asked to.
import { serve } from '@hono/node-server'
import { decodeBlock, memoryStorage, openBlockStore, Signer, SyncClient, CosmicValidator } from 'cosmic-embeddings'
import { serveHttp } from 'cosmic-embeddings/http'
import { mcpEndpoint } from 'cosmic-embeddings/mcp'
import { instrument, prometheusRecorder } from 'cosmic-embeddings/telemetry'
import { Hono } from 'hono'
import { makeTagged } from '../tagged-blocks'
import { vectorOf } from './queries'

export interface Listening {
  readonly url: string
  /** Of some blocks; the bare server answers their bytes under the same paths. */
  readonly ids: readonly string[]
  /** Searches a second of the SDK itself, in this process, without HTTP. */
  readonly searches?: number
  /** Bytes of one answer to a search. */
  readonly answer?: number
}

/** What the parent asks for: blocks of these turns, made, then published from their bytes. */
export interface IngestTask {
  readonly from: number
  readonly count: number
  readonly atOnce: number
}

const BATCH = 256
const SOME = 64

const [mode, given] = process.argv.slice(2) as [string, string]
if (mode === 'bare') bare(JSON.parse(given) as { block: string; answer: number })
else await ours(Number(given), mode === 'measured')

async function ours(count: number, isMeasured: boolean): Promise<void> {
  const recorder = prometheusRecorder()
  const measures = isMeasured ? instrument(recorder) : {}
  const signer = await Signer.generate()
  const [plain, opened] = [new CosmicValidator(), await openBlockStore(memoryStorage())]
  const [validator, store] = [measures.validator?.(plain) ?? plain, measures.store?.(opened, 'memory') ?? opened]
  const blocks = await makeTagged(count)
  for (let i = 0; i < count; i += BATCH) {
    await opened.put(blocks.slice(i, i + BATCH).map(block => ({ block, admitted: true })))
  }
  const made = new SyncClient({ signer, validator, storage: store })
  const client = measures.client?.(made) ?? made
  await client.start()
  while ((await client.status()).search.loading) await new Promise(resolve => setTimeout(resolve, 100))
  const node = { client, store, signer, validator }
  const figures = isMeasured ? { figures: () => recorder.text() } : {}
  const server = await serveHttp(node, { requestsPerSecond: 1e6, mcp: mcpEndpoint(node), ...figures })
  const ids = blocks.slice(0, SOME).map(({ id }) => id)
  const searches = await searchRate(client)
  const body = JSON.stringify({ vector: [...vectorOf(0)], model: 'acme:model-0', k: 10 })
  const headers = { 'content-type': 'application/json' }
  const answer = await (await fetch(`${server.url}/search`, { method: 'POST', body, headers })).text()
  process.on('message', task => void ingest(client, task as IngestTask).then(rate => process.send!(rate)))
  process.send!({ url: server.url, ids, searches, answer: answer.length } satisfies Listening)
}

async function searchRate(client: SyncClient): Promise<number> {
  const search = (turn: number) => client.search(vectorOf(turn), { model: 'acme:model-0', k: 10 })
  for (let turn = 0; turn < 50; turn++) await search(turn)
  const start = performance.now()
  let turns = 0
  while (performance.now() - start < 2_000) await search(turns++)
  return (turns * 1_000) / (performance.now() - start)
}

/** Blocks a second of the SDK itself: each from its bytes, verified, stored and indexed, so many at once. */
async function ingest(client: SyncClient, { from, count, atOnce }: IngestTask): Promise<number> {
  const bytes = (await makeTagged(count, from)).map(block => block.bytes)
  let next = 0
  const take = async () => {
    while (next < bytes.length) {
      const block = decodeBlock(bytes[next++]!)
      if (!block.ok) throw new Error(block.error.code)
      await client.publish(block.value)
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: atOnce }, take))
  return (count * 1_000) / (performance.now() - start)
}

/** Answers the same bytes without anything behind them. */
function bare({ block, answer }: { block: string; answer: number }): void {
  const bytes = Buffer.from(block, 'base64')
  const text = JSON.stringify({ filling: 'x'.repeat(answer) })
  const app = new Hono()
  app.get('/blocks/:id', context => context.body(bytes, 200, { 'content-type': 'application/cbor' }))
  app.post('/search', async context => {
    await context.req.json()
    return context.json(JSON.parse(text))
  })
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
    process.send!({ url: `http://127.0.0.1:${port}`, ids: [] } satisfies Listening),
  )
}
