// Serves a node in memory with the runtime's own server, on any free port of loopback, and says where.
import { CosmicValidator, memoryStorage, openBlockStore, Signer, SyncClient } from 'cosmic-embeddings'
import { createHttpHandler, serveHttp } from 'cosmic-embeddings/http'
import { httpTransport } from 'cosmic-embeddings/transport/http'

interface Servers {
  readonly Deno?: { serve(options: object, handler: (request: Request) => Promise<Response>): unknown }
  readonly Bun?: { serve(options: object): { readonly port: number } }
}

const [signer, validator, store] = [
  await Signer.generate(),
  new CosmicValidator(),
  await openBlockStore(memoryStorage()),
]
const transport = httpTransport({ listen: { origins: '*' } })
const client = new SyncClient({ signer, validator, storage: store, transports: [transport] })
await client.start()
const node = { client, store, signer, validator }
const sync = (request: Request) => transport.fetch(request)
const handler = createHttpHandler(node, { sync })
const { Deno, Bun } = globalThis as Servers
const place = { port: 0, hostname: '127.0.0.1' }
const tell = ({ port }: { port: number }) => console.log(JSON.stringify({ port }))
if (Deno) Deno.serve({ ...place, onListen: tell }, request => handler.fetch(request))
else if (Bun) tell(Bun.serve({ ...place, idleTimeout: 60, fetch: (request: Request) => handler.fetch(request) }))
else tell({ port: Number(new URL((await serveHttp(node, { sync })).url).port) })
