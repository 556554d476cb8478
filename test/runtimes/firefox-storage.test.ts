import { existsSync } from 'node:fs'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { servePage, type PageServer } from './bundle'

const runs = existsSync(FIREFOX_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/runtimes/firefox-storage.test.ts: no ${FIREFOX_PATH} ***\n`)

/** What pages may store here, in kilobytes; an origin gets part of it. */
const QUOTA = {
  'dom.quotaManager.temporaryStorage.fixedLimit': 20_000,
  'dom.quotaManager.temporaryStorage.chunkSize': 64,
}

describe.skipIf(!runs)('IndexedDB storage in Firefox', () => {
  let server: PageServer
  let browser: Browser

  beforeAll(async () => {
    server = await servePage('storage-page.ts')
    const options = { executablePath: FIREFOX_PATH, headless: true, extraPrefsFirefox: QUOTA }
    browser = await puppeteer.launch({ browser: 'firefox', ...options })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function tab(): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(server.url)
    return page
  }

  test('deleted by another tab, it holds up nothing and every call says so', async () => {
    const [one, two] = [await tab(), await tab()]
    expect(await one.evaluate('hold("a")')).toBe('ok')
    expect(await two.evaluate('hold("a", { wait: 200 })')).toMatch(/^storage: .*open already/)
    expect(await one.evaluate('put(0, 100)')).toBe('ok')
    await one.exposeFunction('deleteElsewhere', () => two.evaluate('remove("a")'))
    expect(await one.evaluate('readAcross(deleteElsewhere)')).toMatch(/^storage: .*deleted/)
    for (const answer of (await one.evaluate('calls()')) as string[]) expect(answer).toMatch(/^storage: .*deleted/)
    expect(await two.evaluate('hold("a")')).toBe('ok')
    expect(await two.evaluate('count()')).toBe(0)
  })

  test('a batch beyond the quota is refused whole, and stays so for who opens it later; smaller ones go on', async () => {
    const one = await tab()
    expect(await one.evaluate('hold("q")')).toBe('ok')
    expect(await one.evaluate('put(0, 3)')).toBe('ok')
    expect(await one.evaluate('put(2, 60, 500_000)')).toMatch(/QuotaExceededError.*persist\(\)/)
    expect(await one.evaluate('count()')).toBe(3)
    expect(await one.evaluate('put(3, 3)')).toBe('ok')
    await one.close()
    const two = await tab()
    expect(await two.evaluate('hold("q", { wait: 20_000 })')).toBe('ok')
    expect(await two.evaluate('count()')).toBe(6)
  }, 60_000)
})
