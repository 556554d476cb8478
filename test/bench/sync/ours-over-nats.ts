import { existsSync } from 'node:fs'
import { openBlockStore, Signer, SyncClient } from 'cosmic-embeddings'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import { natsCarrier } from 'cosmic-embeddings/transport/nats'
import { NatsServer } from '../../tools/nats-server'
import { NATS_PATH } from '../../tools/servers.mjs'
import { say } from '../search/cache'
import type { Contestant, Fetcher, Holder } from './contestant'
import { fill, verified } from './ours'

/** Through a stream of a server that the holder starts, and has filled when it says where it is. */
export function oursOverNats(): Contestant | undefined {
  if (existsSync(NATS_PATH)) return { fill, hold, start }
  say(`no nats-server at ${NATS_PATH}: left out`)
  return undefined
}

async function hold(folder: string): Promise<Holder> {
  const server = await NatsServer.start()
  process.once('SIGTERM', () => void server.stop().finally(() => process.exit()))
  const store = await openBlockStore(await lmdbStorage(folder))
  const carriers = [natsCarrier({ servers: server.url })]
  const client = new SyncClient({ signer: await Signer.generate(), storage: store, carriers })
  await client.start()
  await client.waitForSync()
  return {
    address: server.url,
    async add(more) {
      for (const { block } of await verified(more)) await client.publish(block)
      await client.waitForSync()
    },
    async close() {
      await client.close()
      await server.stop()
    },
  }
}

/** What it is made of is loaded before; each fetch opens the store and connects anew. */
async function start(folder: string): Promise<Fetcher> {
  const signer = await Signer.generate()
  const first = new SyncClient({ signer, storage: await lmdbStorage(folder) })
  await first.start()
  await first.close()
  return {
    async fetch(address, count) {
      const carriers = [natsCarrier({ servers: address })]
      const client = new SyncClient({ signer, storage: await lmdbStorage(folder), carriers })
      await client.start()
      await client.waitForSync()
      const { blocks } = (await client.status()).store
      await client.close()
      if (blocks !== count) throw new Error(`${blocks} of ${count} blocks came`)
    },
    close: async () => {},
  }
}
