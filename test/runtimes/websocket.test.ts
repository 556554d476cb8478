import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { createBlock, Signer, SyncClient } from '../../src/index'
import { webSocketTransport } from '../../src/adapters/transport/websocket'
import { CHROMIUM_PATH } from '../tools/chromium.mjs'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { BUN_PATH, DENO_PATH } from '../tools/other-runtimes.mjs'
import { browserAgents, processAgents } from './agents'

const CLIENTS = [
  ['Node', process.execPath, () => processAgents(process.execPath, [])],
  ['Deno', DENO_PATH, () => processAgents(DENO_PATH, ['run', '--allow-all'])],
  ['Bun', BUN_PATH, () => processAgents(BUN_PATH, ['run'])],
  ['Chromium', CHROMIUM_PATH, () => browserAgents('Chromium')],
  ['Firefox', FIREFOX_PATH, () => browserAgents('Firefox')],
] as const

/** An agent at one path of an HTTP server that has pages of its own. */
async function startServer() {
  const server = createServer((_request, response) => response.end('a page'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const signer = await Signer.generate()
  const transport = webSocketTransport({ listen: { server, path: '/agents' } })
  const client = new SyncClient({ signer, transports: [transport] })
  await client.start()
  for (let i = 0; i < 30; i++) {
    await client.publish(await createBlock({ embedding: [i + 1, 1], model: 'acme:pairs', sky: false }, signer))
  }
  onTestFinished(async () => {
    await client.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { client, page: `http://127.0.0.1:${port}/`, address: `ws://127.0.0.1:${port}/agents` }
}

for (const [name, file, open] of CLIENTS) {
  const runs = existsSync(file)
  if (!runs) console.warn(`\n*** SKIPPED: ${name} as a client over WebSocket: no ${file} ***\n`)
  test.skipIf(!runs)(
    `${name} syncs with an agent attached to an HTTP server, says goodbye, and ends`,
    async () => {
      const { client, address, page } = await startServer()
      const disconnected = new Promise<unknown>(resolve => client.on('disconnected', ({ failure }) => resolve(failure)))
      const runtime = await open()
      onTestFinished(() => runtime.close())
      const agent = await runtime.start({ blocks: 20, dial: address })
      expect(await agent.holds(50)).toBe(50)
      await client.waitForSync()
      expect((await client.status()).store.blocks).toBe(50)
      await agent.close()
      expect(await disconnected).toBe(undefined)
      expect(await (await fetch(page)).text()).toBe('a page')
    },
    60_000,
  )
}
