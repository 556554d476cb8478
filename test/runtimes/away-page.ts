import { indexedDbKeyStore } from '../../src/adapters/keystore/indexeddb/key-store'
import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { webSocketTransport } from '../../src/adapters/transport/websocket'
import { createBlock, Signer, SyncClient } from '../../src/index'

let client: SyncClient
let signer: Signer

/** What a test does in this page, by name. An agent goes on as who it was, over the blocks that it had. */
Object.assign(globalThis, {
  start: async (address: string, heartbeat: number) => {
    signer = await Signer.loadOrGenerate(indexedDbKeyStore('away-identity'))
    const storage = await indexedDbStorage('away', { wait: 20_000 })
    const timing = { greeting: 10_000, heartbeat, stall: 2_000, audit: 300_000 }
    client = new SyncClient({ signer, storage, timing, transports: [webSocketTransport()] })
    await client.start()
    // Dialled again and again until it answers.
    void client.connect(address).catch(() => {})
    return signer.did
  },
  publish: async (from: number, count: number) => {
    for (let i = from; i < from + count; i++)
      await client.publish(await createBlock({ embedding: [i, 2], model: 'acme:away', sky: false }, signer))
  },
  look: async () => {
    const { sync, store, connections, peers } = await client.status()
    const [peer] = peers
    return { ...sync, blocks: store.blocks, connection: connections[0]?.state, isResumed: peer?.isResumed ?? false }
  },
})
