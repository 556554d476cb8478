import { once } from 'node:events'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { installed } from '../search/install-peers'
import type { Contestant } from './contestant'
import { expectCount } from './documents'

interface Core {
  readonly key: Uint8Array
  readonly length: number
  readonly contiguousLength: number
  ready(): Promise<void>
  append(blocks: readonly Uint8Array[]): Promise<unknown>
  replicate(initiator: boolean): Duplex
  update(options: { wait: boolean }): Promise<boolean>
  download(range: { start: number; end: number }): { done(): Promise<void> }
  close(): Promise<void>
}
type Hypercore = new (folder: string, key?: Uint8Array) => Core

const BATCH = 256

/** An append-only log by one author, in RocksDB, over its own replication stream. */
export function hypercore(): Contestant | undefined {
  const Core = installed({
    folder: 'sync/hypercore',
    specs: ['hypercore@11.37.1'],
    load: require => require('hypercore') as Hypercore,
  })
  if (!Core) return undefined
  return {
    async hold(folder, records) {
      const core = new Core(folder)
      const append = async (bytes: readonly Uint8Array[]) => {
        for (let i = 0; i < bytes.length; i += BATCH) await core.append(bytes.slice(i, i + BATCH))
      }
      await append(records.map(({ bytes }) => bytes))
      const streams = new Set<Duplex>()
      const server = net.createServer(socket => streams.add(join(core, socket, false)))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return {
        address: `${(server.address() as net.AddressInfo).port} ${Buffer.from(core.key).toString('hex')}`,
        add: more => append(more.map(({ bytes }) => bytes)),
        async close() {
          for (const stream of streams) stream.destroy()
          server.close()
          await core.close()
        },
      }
    },
    async start(folder) {
      let core: Core | undefined
      return {
        async fetch(address, count) {
          const [port, key] = address.split(' ') as [string, string]
          core ??= new Core(folder, Buffer.from(key, 'hex'))
          await core.ready()
          const socket = net.connect(Number(port), '127.0.0.1')
          const stream = join(core, socket, true)
          while (core.length < count) await core.update({ wait: true })
          await core.download({ start: 0, end: count }).done()
          expectCount(core.contiguousLength, count)
          stream.destroy()
          socket.destroy()
        },
        close: async () => core?.close(),
      }
    },
  }
}

function join(core: Core, socket: net.Socket, initiator: boolean): Duplex {
  const stream = core.replicate(initiator)
  stream.on('error', () => {})
  socket.on('error', () => {})
  socket.pipe(stream).pipe(socket)
  return stream
}
