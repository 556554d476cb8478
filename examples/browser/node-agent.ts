// The page's counterpart: an agent in Node that knows a hundred dictionary texts, with everything that the page needs.
import { createBlock, Signer, SyncClient } from 'cosmic-embeddings'
import { miniLm } from 'cosmic-embeddings/embedder/minilm'
import { createSignalingServer } from 'cosmic-embeddings/signaling'
import { webRtcTransport } from 'cosmic-embeddings/transport/webrtc'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { glosses } from '../demo/glosses'
import { plain } from './plain-text'

const COUNT = 100
const ROOM = 'browser'
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const greenwich = { latitude: 51.4779, longitude: -0.0015, elevation: 46 }

/** Embeds, stamps and signs real texts, which every peer then gets. */
async function teach(client: SyncClient, signer: Signer): Promise<void> {
  const embedder = await miniLm()
  const texts = glosses({ part: 0, count: COUNT })
  for (let i = 0; i < texts.length; i += embedder.maxBatch!) {
    const batch = texts.slice(i, i + embedder.maxBatch!)
    const vectors = await embedder.embed(batch)
    for (const [j, embedding] of vectors.entries()) {
      const input = { type: 'text', content: batch[j]! } as const
      const fields = { embedding, model: embedder.modelId, input, tags: ['wordnet'], place: greenwich }
      await client.publish(await createBlock(fields, signer))
    }
  }
}

/** Says what the page's agent does. Text of others is made plain, so that it cannot steer the terminal. */
function tell(client: SyncClient): void {
  client.on('connected', ({ peer }) => console.log(`connected to ${peer}`))
  client.on('disconnected', ({ peer, failure }) => console.log(`${peer} left${failure ? `: ${failure.code}` : ''}`))
  client.on('unreachable', ({ remote, failure }) => console.log(`no connection to ${remote}: ${failure.code}`))
  client.on('refused', ({ peer, verdict }) => console.log(`refused a block of ${peer}: ${verdict.summary}`))
  client.on('block', ({ block }) => {
    if (block.author === client.id || block.opaque || block.kind !== 'embedding') return
    console.log(`received from ${block.author}: ${JSON.stringify(plain(block.input.content ?? ''))}`)
  })
}

const signaling = await createSignalingServer()
const signer = await Signer.generate()
const client = new SyncClient({ signer, transports: [webRtcTransport({ signaling: signaling.url, room: ROOM })] })
// The root is the repository, so that the page can fetch the model out of node_modules.
const vite = await createServer({ root: ROOT, configFile: false, logLevel: 'warn', server: { host: '127.0.0.1' } })

await client.start()
tell(client)
console.log(`Embedding and signing ${COUNT} texts …`)
await teach(client, signer)
await vite.listen()
process.once('SIGINT', () => void Promise.all([client.close(), signaling.close(), vite.close()]))
const query = new URLSearchParams({ signaling: signaling.url, room: ROOM })
console.log(`I am ${client.id}. Open my counterpart; Ctrl-C ends both of us:`)
console.log(new URL(`examples/browser/?${query}`, vite.resolvedUrls!.local[0]).href)
