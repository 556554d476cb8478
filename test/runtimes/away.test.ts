import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { webSocketTransport } from '../../src/adapters/transport/websocket'
import { createBlock, Signer, SyncClient } from '../../src/index'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { servePage, type PageServer } from './bundle'

const runs = existsSync(CHROMIUM_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/runtimes/away.test.ts: no ${CHROMIUM_PATH} ***\n`)

const HEARTBEAT = 250
const WAIT = { timeout: 40_000, interval: 50 }

interface Look {
  readonly state: string
  readonly reason?: string
  readonly blocks: number
  readonly connection?: string
  readonly isResumed: boolean
}

describe.skipIf(!runs)('a page in Chromium that is away for a while', () => {
  let server: PageServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let devtools: CDPSession
  let peer: SyncClient
  let signer: Signer
  let address: string
  let did: string
  let made = 0

  const look = () => page.evaluate<Look>('look()')
  const blocks = async () => (await look()).blocks
  const held = async () => (await peer.status()).store.blocks
  /** The processes that run pages, of this browser. */
  const renderers = async () => {
    const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo')
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  }
  const publish = async (count: number) => {
    for (let i = 0; i < count; i++)
      await peer.publish(await createBlock({ embedding: [made++, 1], model: 'acme:away', sky: false }, signer))
  }
  const startPage = () => page.evaluate<string>(`start(${JSON.stringify(address)}, ${HEARTBEAT})`)
  async function expectBoth(count: number): Promise<void> {
    await expect.poll(blocks, WAIT).toBe(count)
    await expect.poll(held, WAIT).toBe(count)
    await expect.poll(async () => (await look()).state, WAIT).toBe('synced')
  }

  beforeAll(async () => {
    server = await servePage('away-page.ts')
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
    context = await browser.newContext()
    page = await context.newPage()
    devtools = await context.newCDPSession(page)
    await page.goto(server.url)
    signer = await Signer.generate()
    const timing = { greeting: 10_000, heartbeat: HEARTBEAT, stall: 2_000, audit: 300_000 }
    peer = new SyncClient({ signer, timing, transports: [webSocketTransport({ listen: {} })] })
    await peer.start()
    address = (await peer.status()).addresses[0]!
    await publish(20)
    did = await startPage()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await peer?.close()
    server?.close()
  })

  test('without a network it says why nothing gets on, and then both get what the other made', async () => {
    await page.evaluate('publish(0, 5)')
    await expectBoth(25)
    await devtools.send('Network.enable')
    const conditions = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
    await devtools.send('Network.emulateNetworkConditions', { offline: true, ...conditions })
    await publish(10)
    await page.evaluate('publish(5, 5)')
    await expect.poll(look, WAIT).toMatchObject({ state: 'stalled', blocks: 30 })
    expect(['peer-silent', 'unreachable']).toContain((await look()).reason)
    expect(await held()).toBe(35)
    await devtools.send('Network.emulateNetworkConditions', { offline: false, ...conditions })
    await expectBoth(40)
  }, 90_000)

  test('asleep it is seen as silent and then as gone, and awake it goes on', async () => {
    const told: unknown[] = []
    peer.on('progress', ({ progress }) => progress.type === 'stalled' && told.push(progress.reason))
    const gone = new Promise(resolve => peer.on('disconnected', ({ failure }) => resolve(failure?.code)))
    // As with a lid that is closed: no code of the page runs. A page that is only "frozen" still answers.
    for (const pid of await renderers()) process.kill(pid, 'SIGSTOP')
    await publish(10)
    expect(await gone).toBe('peer-gone')
    expect(told).toContain('peer-silent')
    for (const pid of await renderers()) process.kill(pid, 'SIGCONT')
    await expectBoth(50)
  }, 90_000)

  test('reloaded it is who it was, and goes on from where it was', async () => {
    await page.evaluate('publish(10, 5)')
    await page.reload()
    await publish(10)
    expect(await startPage()).toBe(did)
    await expectBoth(65)
    expect(await look()).toMatchObject({ isResumed: true })
  }, 90_000)
})
