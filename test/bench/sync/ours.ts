import { setTimeout } from 'node:timers/promises'
import {
  openBlockStore,
  Signer,
  SyncClient,
  verifyBlocks,
  type BlockStore,
  type StoredBlock,
  type Transport,
} from 'cosmic-embeddings'
import { createSignalingServer } from 'cosmic-embeddings/signaling'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import { webRtcTransport } from 'cosmic-embeddings/transport/webrtc'
import { webSocketTransport } from 'cosmic-embeddings/transport/websocket'
import type { Carried, Contestant, Fetcher, Holder } from './contestant'

const BATCH = 256

/** How the holder listens, and how the fetcher reaches what the holder's address says. */
interface Way {
  /** Whether its bytes pass through sockets that the process can count. */
  readonly hasSockets: boolean
  /** Answers the transport, and the address to dial once the client has started. */
  listening(): Promise<{ transport: Transport; address(client: SyncClient): Promise<string>; close(): Promise<void> }>
  dialling(address: string): { transport: Transport; target: string }
}

const webSocket: Way = {
  hasSockets: true,
  async listening() {
    const transport = webSocketTransport({ listen: { port: 0 } })
    return { transport, address: async client => (await client.status()).addresses[0]!, close: async () => {} }
  },
  dialling: address => ({ transport: webSocketTransport(), target: address }),
}

const webRtc: Way = {
  hasSockets: false,
  async listening() {
    const server = await createSignalingServer()
    const transport = webRtcTransport(roomAt(server.url))
    const address = async (client: SyncClient) => `${server.url} ${(await client.status()).addresses[0]!}`
    return { transport, address, close: () => server.close() }
  },
  dialling(address) {
    const [signaling = '', target = ''] = address.split(' ')
    const { schemes, dial } = webRtcTransport(roomAt(signaling))
    return { transport: { schemes, dial }, target }
  },
}

/** Over this machine's loopback alone. */
function roomAt(signaling: string) {
  return { signaling, room: 'bench', candidateFilter: (candidate: string) => candidate.includes(' 127.0.0.1 ') }
}

const NOWHERE: Transport = { schemes: ['nowhere'], dial: () => Promise.reject(new Error('nowhere')) }

export const oursOverWebSocket = carriedBy(webSocket)
export const oursOverWebRtc = carriedBy(webRtc)

function carriedBy(way: Way): Contestant {
  return {
    fill,
    hold: folder => hold(way, folder),
    start: folder => start(way, folder),
  }
}

/** Lays the records into a store ahead. */
export async function fill(folder: string, records: readonly Carried[]): Promise<void> {
  const store = await openBlockStore(await lmdbStorage(folder))
  for (let i = 0; i < records.length; i += BATCH) await put(store, records.slice(i, i + BATCH))
  await store.close()
}

async function hold(way: Way, folder: string): Promise<Holder> {
  const store = await openBlockStore(await lmdbStorage(folder))
  const { transport, address, close } = await way.listening()
  const client = new SyncClient({ signer: await Signer.generate(), storage: store, transports: [transport] })
  await client.start()
  // It has been at work for a while: what it makes of its own blocks when it starts is not the transfer's.
  while ((await client.status()).search.loading) await setTimeout(10)
  return {
    address: await address(client),
    async add(more) {
      for (const { block } of await verified(more)) await client.publish(block)
    },
    async close() {
      await client.close()
      await close()
    },
  }
}

async function put(store: BlockStore, records: readonly Carried[]): Promise<void> {
  await store.put(await verified(records))
}

export async function verified(records: readonly Carried[]): Promise<StoredBlock[]> {
  const blocks: StoredBlock[] = []
  for await (const { result } of verifyBlocks(records.map(({ bytes }) => bytes))) {
    if (!result.ok) throw new Error(`a good block is refused: ${result.error.code}`)
    blocks.push({ block: result.value, admitted: true })
  }
  return blocks
}

/** The client is made anew for each address, its store is kept. */
async function start(way: Way, folder: string): Promise<Fetcher> {
  const signer = await Signer.generate()
  // What it is made of is loaded before it dials.
  const first = new SyncClient({ signer, storage: await lmdbStorage(folder), transports: [NOWHERE] })
  await first.start()
  await first.close()
  let client: SyncClient | undefined
  let [known, carried] = ['', 0]
  const open = async (address: string) => {
    const { transport, target } = way.dialling(address)
    if (client && known === address) return { client, target }
    await client?.close()
    client = new SyncClient({ signer, storage: await lmdbStorage(folder), transports: [transport] })
    known = address
    await client.start()
    return { client, target }
  }
  return {
    async fetch(address, count) {
      const opened = await open(address)
      await opened.client.connect(opened.target)
      await opened.client.waitForSync()
      const { peers, store } = await opened.client.status()
      for (const { bytesIn, bytesOut } of peers) carried += bytesIn + bytesOut
      if (store.blocks !== count) throw new Error(`${store.blocks} of ${count} blocks came`)
      await opened.client.disconnect(opened.target)
    },
    ...(!way.hasSockets && { bytes: () => carried }),
    close: async () => client?.close(),
  }
}
