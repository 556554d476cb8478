import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { installed } from '../search/install-peers'
import type { Carried, Contestant } from './contestant'
import { expectCount } from './documents'

const BATCH = 256

interface PouchDatabase {
  bulkDocs(documents: readonly object[]): Promise<unknown>
  info(): Promise<{ doc_count: number }>
  close(): Promise<void>
  replicate: { from(url: string, options: object): Promise<unknown> }
}
interface Pouch {
  new (name: string): PouchDatabase
  defaults(options: { prefix: string }): Pouch
}
type ExpressPouch = (pouch: Pouch, options: object) => http.RequestListener

/** Documents with the record as an attachment, in LevelDB, replicated over HTTP as CouchDB does. */
export function pouchdb(): Contestant | undefined {
  const loaded = installed({
    folder: 'sync/pouchdb',
    specs: ['pouchdb@9.0.0', 'express-pouchdb@4.2.0', 'express@4'],
    load: require => ({
      Pouch: require('pouchdb') as Pouch,
      handler: require('express-pouchdb') as ExpressPouch,
      express: require('express') as () => http.RequestListener & { use(path: string, handler: unknown): void },
    }),
  })
  if (!loaded) return undefined
  const { Pouch, handler, express } = loaded
  return {
    async hold(folder, records) {
      const Local = Pouch.defaults({ prefix: `${folder}/` })
      const db = new Local('blocks')
      await fillPouch(db, records)
      const app = express()
      app.use(
        '/',
        handler(Local, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: path.join(folder, 'log') }),
      )
      const server = http.createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      return {
        address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/blocks`,
        add: more => fillPouch(db, more),
        async close() {
          server.closeAllConnections()
          server.close()
          await db.close()
        },
      }
    },
    async start(folder) {
      const db = new Pouch(path.join(folder, 'pouch'))
      return {
        async fetch(address, count) {
          await db.replicate.from(address, { batch_size: BATCH })
          expectCount((await db.info()).doc_count, count)
        },
        close: () => db.close(),
      }
    },
  }
}

async function fillPouch(db: PouchDatabase, records: readonly Carried[]): Promise<void> {
  for (let i = 0; i < records.length; i += BATCH) {
    await db.bulkDocs(
      records.slice(i, i + BATCH).map(({ id, bytes }) => {
        const data = Buffer.from(bytes).toString('base64')
        return { _id: id, _attachments: { block: { content_type: 'application/cbor', data } } }
      }),
    )
  }
}

interface RxCollection {
  bulkInsert(documents: readonly object[]): Promise<{ error: readonly unknown[] }>
  count(): { exec(): Promise<number> }
}
interface RxDatabase {
  addCollections(collections: object): Promise<{ blocks: RxCollection }>
  close(): Promise<unknown>
}
interface Replication {
  awaitInSync(): Promise<unknown>
  awaitInitialReplication(): Promise<unknown>
  cancel(): Promise<unknown>
}
interface Rx {
  createRxDatabase(options: object): Promise<RxDatabase>
  getRxStorageMemory(): object
  /** Ends with its database. */
  startWebsocketServer(options: object): Promise<unknown>
  replicateWithWebsocketServer(options: object): Promise<Replication>
}

/** Documents with the record as base64, in memory (the free package has no durable storage for Node), over its own WebSocket protocol. */
export function rxdb(): Contestant | undefined {
  const Rx = installed({
    folder: 'sync/rxdb',
    specs: ['rxdb@17.6.0', 'rxjs@7', 'ws@8', 'isomorphic-ws@5'],
    load: require =>
      ({
        ...(require('rxdb') as object),
        ...(require('rxdb/plugins/storage-memory') as object),
        ...(require('rxdb/plugins/replication-websocket') as object),
      }) as Rx,
  })
  if (!Rx) return undefined
  const open = async () => {
    const database = await Rx.createRxDatabase({ name: `blocks${process.pid}`, storage: Rx.getRxStorageMemory() })
    const { blocks } = await database.addCollections({ blocks: { schema: RX_SCHEMA } })
    return { database, blocks }
  }
  return {
    async hold(_folder, records) {
      const { database, blocks } = await open()
      await fillRx(blocks, records)
      const port = await freePort()
      await Rx.startWebsocketServer({ database, port, host: '127.0.0.1', path: '/rx' })
      return {
        address: `ws://127.0.0.1:${port}/rx`,
        add: more => fillRx(blocks, more),
        close: async () => void (await database.close()),
      }
    },
    async start() {
      const { database, blocks } = await open()
      return {
        async fetch(url, count) {
          const replication = await Rx.replicateWithWebsocketServer({ collection: blocks, url, batchSize: BATCH })
          await replication.awaitInitialReplication()
          await replication.awaitInSync()
          await replication.cancel()
          expectCount(await blocks.count().exec(), count)
        },
        close: async () => void (await database.close()),
      }
    },
  }
}

const RX_SCHEMA = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 64 }, bytes: { type: 'string' } },
  required: ['id', 'bytes'],
}

async function fillRx(blocks: RxCollection, records: readonly Carried[]): Promise<void> {
  for (let i = 0; i < records.length; i += BATCH) {
    const documents = records
      .slice(i, i + BATCH)
      .map(({ id, bytes }) => ({ id, bytes: Buffer.from(bytes).toString('base64') }))
    const { error } = await blocks.bulkInsert(documents)
    if (error.length > 0) throw new Error('RxDB refused a record')
  }
}

async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
