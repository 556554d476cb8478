// One server of the HTTP benchmark in a process of its own: `server.ts ours | bare BLOCKS`. Tells its parent where it listens.
import { serve } from '@hono/node-server'
import { memoryStorage, openBlockStore, Signer, SyncClient, CosmicValidator } from 'cosmic-embeddings'
import { serveHttp } from 'cosmic-embeddings/http'
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

const BATCH = 256
const SOME = 64

if (process.argv[2] === 'ours') await ours(Number(process.argv[3]))
else bare(JSON.parse(process.argv[3]!) as { block: string; answer: number })

async function ours(count: number): Promise<void> {
  const [signer, validator, store] = [
    await Signer.generate(),
    new CosmicValidator(),
    await openBlockStore(memoryStorage()),
  ]
  const blocks = await makeTagged(count)
  for (let i = 0; i < count; i += BATCH) {
    await store.put(blocks.slice(i, i + BATCH).map(block => ({ block, admitted: true })))
  }
  const client = new SyncClient({ signer, validator, storage: store })
  await client.start()
  while ((await client.status()).search.loading) await new Promise(resolve => setTimeout(resolve, 100))
  const server = await serveHttp({ client, store, signer, validator }, { requestsPerSecond: 1e6 })
  const ids = blocks.slice(0, SOME).map(({ id }) => id)
  const searches = await searchRate(client)
  const body = JSON.stringify({ vector: [...vectorOf(0)], model: 'acme:model-0', k: 10 })
  const headers = { 'content-type': 'application/json' }
  const answer = await (await fetch(`${server.url}/search`, { method: 'POST', body, headers })).text()
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
