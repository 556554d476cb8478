// One agent of the demo: its own process, its own model, its own LMDB store. Speaks with the conductor (main.ts) over IPC.
import { createBlock, Signer, SyncClient, type Embedder } from 'cosmic-embeddings'
import { fileKeyStore } from 'cosmic-embeddings/keystore/file'
import { describeSky } from 'cosmic-embeddings/sky'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import { webRtcTransport } from 'cosmic-embeddings/transport/webrtc'
import { glosses, sharedGlosses } from './glosses'
import type { FromAgent, TaskName, Tasks, ToAgent } from './protocol'

const [model, folder, latitude, longitude, elevation] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const place = { latitude: Number(latitude), longitude: Number(longitude), elevation: Number(elevation) }
const say = (message: FromAgent) => process.connected && process.send!(message)

const embedder = await loadModel()
const signer = await Signer.generate()
await signer.save(fileKeyStore(`${folder}/identity`))
const counts = { verified: 0, refused: 0 }
let client: SyncClient | undefined
let expected = 0

async function loadModel(): Promise<Embedder> {
  if (model === 'use-lite') return (await import('cosmic-embeddings/embedder/use-lite')).useLite()
  return (await import('cosmic-embeddings/embedder/minilm')).miniLm()
}

/** The agent over its store: without a room it works alone, offline. */
async function openClient(meeting?: { signaling: string; room: string }): Promise<SyncClient> {
  const opened = new SyncClient({
    signer,
    embedder,
    storage: await lmdbStorage(`${folder}/store`),
    transports: meeting ? [webRtcTransport(meeting)] : [],
  })
  opened.on('progress', ({ progress }) => {
    if (progress.type !== 'ingested') return
    counts.verified += progress.results.filter(({ status }) => status === 'stored').length
    say({ type: 'progress', label: 'received and verified', done: counts.verified, total: expected })
  })
  opened.on('refused', ({ peer, verdict }) => {
    counts.refused++
    const { summary } = verdict
    if (verdict.status === 'invalid') {
      say({ type: 'refused', peer, code: verdict.code, summary, ...(verdict.field && { field: verdict.field }) })
    }
  })
  opened.on('disconnected', ({ peer, failure }) => {
    say({ type: 'disconnected', peer, ...(failure && { code: failure.code }) })
  })
  await opened.start()
  return opened
}

const running = (): SyncClient => {
  if (!client) throw new Error('this agent has not met anyone yet')
  return client
}

const tasks: { [K in TaskName]: (input: Tasks[K]['input']) => Promise<Tasks[K]['output']> } = {
  async prepare({ part, own, shared }) {
    const started = Date.now()
    await using alone = await openClient()
    const texts = [
      ...sharedGlosses(shared).map(content => ({ content, tags: ['shared'] })),
      ...glosses({ part, count: own }).map(content => ({ content, tags: ['own'] })),
    ]
    const batch = embedder.maxBatch ?? 32
    for (let i = 0; i < texts.length; i += batch) {
      const slice = texts.slice(i, i + batch)
      const vectors = await embedder.embed(slice.map(({ content }) => content))
      const publish = async ({ content, tags }: (typeof slice)[number], j: number) => {
        const input = { type: 'text', content } as const
        const fields = { embedding: vectors[j]!, model: embedder.modelId, input, tags, place }
        await alone.publish(await createBlock(fields, signer))
      }
      await Promise.all(slice.map(publish))
      say({ type: 'progress', label: 'embedded, signed, stored', done: i + slice.length, total: texts.length })
    }
    const { store } = await alone.status()
    return { blocks: store.blocks, bytes: store.bytes, seconds: secondsSince(started) }
  },

  async meet({ signaling, room, blocks }) {
    const started = Date.now()
    expected = blocks
    client = await openClient({ signaling, room })
    await client.waitForSync({ signal: AbortSignal.timeout(60_000) })
    const [peer] = (await client.status()).peers
    return { peer: peer!.peer, received: counts.verified, seconds: secondsSince(started) }
  },

  async translate({ from, to }) {
    const { ids, quality } = await running().fitTranslator({ from, to })
    return { parts: [...ids], quality }
  },

  async await({ ids }) {
    const missing = new Set(ids)
    const arrived = running().subscribe({ kind: 'translator' }, { signal: AbortSignal.timeout(30_000) })
    for (const id of ids) if (await running().get(id)) missing.delete(id)
    if (missing.size === 0) return null
    for await (const block of arrived) {
      missing.delete(block.id)
      if (missing.size === 0) return null
    }
    throw new Error(`${missing.size} translator blocks did not arrive within 30 s`)
  },

  async ask({ question, author, k }) {
    const { hits } = await running().search(question, { k, where: { author, tags: ['own'] } })
    return hits.map(({ block, score, standard, verdict }) => ({
      text: block.input.content ?? '',
      score,
      standard,
      author: block.author,
      verdict: verdict.status,
      sky: block.sky ? describeSky(block.sky, block) : 'no sky',
    }))
  },

  async report() {
    const { store, peers } = await running().status()
    const total = (pick: 'bytesIn' | 'bytesOut') => peers.reduce((sum, peer) => sum + peer[pick], 0)
    return {
      blocks: store.blocks,
      bytes: store.bytes,
      ...counts,
      bytesIn: total('bytesIn'),
      bytesOut: total('bytesOut'),
    }
  },

  async stop() {
    await client?.close()
    return null
  },
}

function secondsSince(started: number): number {
  return (Date.now() - started) / 1000
}

process.on('message', (message: ToAgent) => {
  const perform = tasks[message.task] as (input: unknown) => Promise<unknown>
  perform(message.input).then(
    output => {
      say({ type: 'done', output })
      if (message.task === 'stop') process.disconnect()
    },
    (error: unknown) =>
      say({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {})
say({ type: 'ready', did: signer.did, model: embedder.modelId })
