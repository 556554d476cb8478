import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { httpTransport } from '../../src/adapters/transport/http'
import { createBlock, Signer, SyncClient } from '../../src/index'
import { CHROMIUM_PATH } from '../tools/chromium.mjs'
import { BUN_PATH, DENO_PATH, WORKERD_PATH } from '../tools/other-runtimes.mjs'
import { serveFetch } from '../tools/serve-fetch'
import { browserAgents, processAgents } from './agents'
import { workerdAgents } from './workerd-agents'

const CLIENTS = [
  ['Deno', DENO_PATH, () => processAgents(DENO_PATH, ['run', '--allow-all'])],
  ['Bun', BUN_PATH, () => processAgents(BUN_PATH, ['run'])],
  ['workerd', WORKERD_PATH, () => workerdAgents()],
  ['Chromium', CHROMIUM_PATH, () => browserAgents('Chromium')],
] as const

async function startServer() {
  const signer = await Signer.generate()
  const transport = httpTransport({ listen: {} })
  const server = await serveFetch(request => transport.fetch(request))
  const client = new SyncClient({ signer, transports: [transport] })
  await client.start()
  for (let i = 0; i < 30; i++) {
    await client.publish(await createBlock({ embedding: [i + 1, 1], model: 'acme:pairs', sky: false }, signer))
  }
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  return { client, address: `${server.url}/sync` }
}

for (const [name, file, open] of CLIENTS) {
  const runs = existsSync(file)
  if (!runs) console.warn(`\n*** SKIPPED: ${name} as a client over HTTP: no ${file} ***\n`)
  test.skipIf(!runs)(
    `${name} syncs over plain HTTP, says goodbye, and ends`,
    async () => {
      const { client, address } = await startServer()
      const disconnected = new Promise<unknown>(resolve => client.on('disconnected', ({ failure }) => resolve(failure)))
      const runtime = await open()
      onTestFinished(() => runtime.close())
      const agent = await runtime.start({ blocks: 20, dial: address })
      expect(await agent.holds(50)).toBe(50)
      await expect.poll(async () => (await client.status()).store.blocks, { timeout: 10_000 }).toBe(50)
      await agent.close()
      expect(await disconnected).toBe(undefined)
    },
    60_000,
  )
}
