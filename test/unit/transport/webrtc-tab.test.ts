import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../../tools/chromium.mjs'
import { root } from '../../tools/run.mjs'
import { agent, cleanup, service, until } from './webrtc-room'

/** What the `browser` conditions of package.json choose in `dist/`, chosen here in `src/`. */
const PLATFORM = { '#platform': 'browser', '#web-socket': 'web-socket.browser', '#simple-peer': 'simple-peer.browser' }

/** A page that enters the room and takes every connection. */
async function pageServer(signaling: string): Promise<string> {
  const contents = `
    import { webRtcTransport } from './src/adapters/transport/webrtc'
    const transport = webRtcTransport({ signaling: '${signaling}', room: 'lab' })
    await transport.listen(connection => connection.onMessage(message => void connection.send(message)))`
  const bundle = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    alias: Object.fromEntries(Object.entries(PLATFORM).map(([name, file]) => [name, `${root}src/platform/${file}.ts`])),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    write: false,
  })
  const script = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/page.js' ? 'text/javascript' : 'text/html')
    response.end(url === '/page.js' ? bundle.outputFiles[0]!.text : script)
  }).listen(0, '127.0.0.1')
  cleanup(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test.skipIf(!existsSync(CHROMIUM_PATH))('a browser that is killed is noticed as `peer-gone`', async () => {
  const { url } = await service()
  const { connections } = await agent(url, { candidateFilter: () => true })
  const browser = await chromium.launchServer({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  cleanup(() => browser.kill())
  const page = await (await chromium.connect(browser.wsEndpoint())).newPage()
  await page.goto(await pageServer(url))
  await until(() => connections.length === 1)
  const [connection] = connections
  const back = new Promise<Uint8Array>(resolve => connection!.onMessage(resolve))
  await connection!.send(Uint8Array.of(7))
  expect(await back).toEqual(Uint8Array.of(7))
  const killed = performance.now()
  await browser.kill()
  expect(await connection!.closed).toMatchObject({ code: 'peer-gone' })
  // Measured: 7 to 9 s. Generous for a busy machine, yet below what ICE itself takes to give up.
  expect(performance.now() - killed).toBeLessThan(15_000)
})
