import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { servePage, type PageServer } from './bundle'

const runs = existsSync(CHROMIUM_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/runtimes/chromium-storage.test.ts: no ${CHROMIUM_PATH} ***\n`)

/** A name that leads here and that no browser takes for this machine: pages under it are not in a secure context. */
const INSECURE = 'insecure.test'

describe.skipIf(!runs)('IndexedDB storage in Chromium', () => {
  let server: PageServer
  let browser: Browser
  let context: BrowserContext
  let origin: string

  beforeAll(async () => {
    server = await servePage('storage-page.ts')
    origin = new URL(server.url).origin
    const args = [...CHROMIUM_FLAGS, `--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`]
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args })
  }, 60_000)
  beforeEach(async () => void (context = await browser.newContext()))
  afterEach(() => context?.close())
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function tab(url = origin): Promise<Page> {
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  test('of two tabs one has a database, until it closes it', async () => {
    const [one, two] = await Promise.all([tab(), tab()])
    const answers = await Promise.all([one, two].map(page => page.evaluate('hold("a", { wait: 200 })')))
    expect(answers.filter(answer => answer === 'ok')).toHaveLength(1)
    expect(answers.find(answer => answer !== 'ok')).toMatch(/^storage: .*open already/)
    const [holder, other] = answers[0] === 'ok' ? [one, two] : [two, one]
    expect(await holder.evaluate('hold("a", { wait: 0 })')).toMatch(/^storage: .*open already/)
    expect(await other.evaluate('hold("b")')).toBe('ok')
    expect(await holder.evaluate('put(0, 10)')).toBe('ok')
    const waiting = other.evaluate('hold("a", { wait: Infinity })')
    expect(await holder.evaluate('letGo()')).toBe('ok')
    expect(await waiting).toBe('ok')
    expect(await other.evaluate('count()')).toBe(10)
  })

  test('a tab that is reloaded, closed or crashed locks nobody out', async () => {
    const one = await tab()
    expect(await one.evaluate('hold("a")')).toBe('ok')
    expect(await one.evaluate('put(0, 10)')).toBe('ok')
    await one.reload()
    expect(await one.evaluate('hold("a", { wait: 20_000 })')).toBe('ok')
    expect(await one.evaluate('count()')).toBe(10)
    await one.close()
    const two = await tab()
    expect(await two.evaluate('hold("a", { wait: 20_000 })')).toBe('ok')
    expect(await two.evaluate('put(10, 10)')).toBe('ok')
    await Promise.all([two.waitForEvent('crash'), two.goto('chrome://crash').catch(() => {})])
    const three = await tab()
    expect(await three.evaluate('hold("a", { wait: 20_000 })')).toBe('ok')
    expect(await three.evaluate('count()')).toBe(20)
  })

  test('deleted by another tab, it holds up nothing and every call says so', async () => {
    const [one, two] = await Promise.all([tab(), tab()])
    await one.evaluate('hold("a")')
    await one.evaluate('put(0, 100)')
    await one.exposeFunction('deleteElsewhere', () => two.evaluate('remove("a")'))
    expect(await one.evaluate('readAcross(deleteElsewhere)')).toMatch(/^storage: .*deleted/)
    for (const answer of (await one.evaluate('calls()')) as string[]) expect(answer).toMatch(/^storage: .*deleted/)
    expect(await two.evaluate('hold("a")')).toBe('ok')
    expect(await two.evaluate('count()')).toBe(0)
    expect(await one.evaluate('letGo()')).toBe('ok')
    expect(await one.evaluate('calls()')).toEqual(Array(3).fill(expect.stringMatching(/^closed/)))
  })

  test('an opening that waits for a blocked deletion gives up, and lets go of what comes later', async () => {
    const [one, two] = await Promise.all([tab(), tab()])
    await one.evaluate('hold("a")')
    await one.evaluate('letGo()')
    await one.evaluate('holdRaw("a")')
    await one.evaluate('startDeleting("a")')
    expect(await two.evaluate('openWithin("a", 300)')).toMatch(/^storage: .*deleting/)
    await one.evaluate('letRawGo()')
    expect(await two.evaluate('openWithin("a", 20_000)')).toBe('ok')
    expect(await two.evaluate('remove("a")')).toBe('ok')
  })

  test('a batch beyond the quota is refused whole, with what would help; smaller ones go on', async () => {
    const page = await tab()
    const session = await context.newCDPSession(page)
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
    expect(await page.evaluate('hold("a")')).toBe('ok')
    expect(await page.evaluate('put(0, 3)')).toBe('ok')
    expect(await page.evaluate('put(2, 20, 500_000)')).toMatch(/QuotaExceededError.*persist\(\)/)
    expect(await page.evaluate('count()')).toBe(3)
    expect(await page.evaluate('put(3, 3)')).toBe('ok')
    expect(await page.evaluate('count()')).toBe(6)
  })

  test('a page from which the browser withholds storage is told so', async () => {
    const page = await tab(`${origin}/sandboxed`)
    expect(await page.evaluate('hold("a")')).toMatch(/^storage: .*with(holds|held)/)
  })

  test('outside of secure contexts the later tab takes over, and nothing of the earlier one is stored any more', async () => {
    const insecure = origin.replace('127.0.0.1', INSECURE)
    const [one, two] = await Promise.all([tab(insecure), tab(insecure)])
    expect(await one.evaluate('isSecureContext')).toBe(false)
    expect(await one.evaluate('hold("a")')).toBe('ok')
    expect(await one.evaluate('put(0, 3)')).toBe('ok')
    expect(await two.evaluate('hold("a")')).toBe('ok')
    expect(await one.evaluate('put(3, 3)')).toMatch(/^storage: .*another tab/)
    expect(await two.evaluate('put(6, 1)')).toBe('ok')
    expect(await two.evaluate('count()')).toBe(4)
  })

  test('every acknowledged batch survives a SIGKILL of the browser, and none by half', async () => {
    const userDataDir = mkdtempSync(join(tmpdir(), 'cosmic-chromium.'))
    const launch = () =>
      puppeteer.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS, userDataDir, headless: true })
    try {
      const first = await launch()
      const page = await first.newPage()
      await page.goto(origin)
      expect(await page.evaluate('hold("a")')).toBe('ok')
      let acknowledged = -1
      await new Promise<void>(resolve => {
        const stored = (batch: number) => {
          acknowledged = batch
          if (batch === 20) resolve()
        }
        void page.exposeFunction('stored', stored).then(() => page.evaluate('putForEver(stored)').catch(() => {}))
      })
      const ended = new Promise(resolve => first.process()!.once('exit', resolve))
      first.process()!.kill('SIGKILL')
      await ended
      const second = await launch()
      const again = await second.newPage()
      await again.goto(origin)
      expect(await again.evaluate('hold("a")')).toBe('ok')
      const count = (await again.evaluate('count()')) as number
      await second.close()
      expect(count % 4).toBe(0)
      expect(count / 4).toBeGreaterThan(acknowledged)
    } finally {
      rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 })
    }
  }, 60_000)
})
