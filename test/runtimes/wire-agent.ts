import { createInterface } from 'node:readline'
import { createBlock, Signer, SyncClient } from '../../src/index'
import { webSocketTransport } from '../../src/adapters/transport/websocket'

/**
 * One agent as a process in a network of its own: each line of standard input is a call, `["start", { listen, dial }]`,
 * `["publish", count]`, `["look"]` or `["close"]`, whose answer is printed as a line of JSON. It ends by itself after `close`.
 */
const PORT = 7_000
/** Short periods, so that a cut is noticed within seconds. */
const timing = { greeting: 10_000, heartbeat: 250, stall: 3_000, audit: 300_000 }
const signer = await Signer.generate()
let client: SyncClient
let made = 0

const calls: Readonly<Record<string, (argument: never) => unknown>> = {
  async start({ listen, dial }: { listen?: string; dial?: string }) {
    const host = listen !== undefined && { listen: { host: listen, port: PORT } }
    client = new SyncClient({ signer, timing, transports: [webSocketTransport({ timeoutMs: 3_000, ...host })] })
    await client.start()
    return dial === undefined ? undefined : client.connect(`ws://${dial}:${PORT}`)
  },
  async publish(count: number) {
    for (let i = 0; i < count; i++) {
      const embedding = Float32Array.from({ length: 128 }, () => Math.random())
      await client.publish(
        await createBlock({ embedding, model: 'acme:wire', tags: [`${made++}`], sky: false }, signer),
      )
    }
  },
  async look() {
    const { sync, store, peers } = await client.status()
    return { ...sync, blocks: store.blocks, peers: peers.length }
  },
  close: () => client.close(),
}

const lines = createInterface({ input: process.stdin })
for await (const line of lines) {
  const [method, argument] = JSON.parse(line) as [string, never]
  const answer = await calls[method]!(argument)
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`)
  if (method === 'close') lines.close()
}
