import { existsSync } from 'node:fs'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { servePage, type PageServer } from './bundle'
import type { PageResults } from './page-runner'

const runs = existsSync(FIREFOX_PATH)
if (!runs) console.warn(`\n*** SKIPPED: Firefox (test/runtimes): no ${FIREFOX_PATH} ***\n`)

interface Answers {
  readonly signatures: { cases: number; native: string[]; wrong: string[]; tooLax: string[] }
  readonly identity: object
}

describe.skipIf(!runs)('Firefox', () => {
  let server: PageServer
  let browser: Browser
  let tab: Page
  let answers: Answers

  beforeAll(async () => {
    server = await servePage('firefox-page.ts')
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX_PATH, headless: true })
    tab = await browser.newPage()
    await tab.goto(server.url)
    answers = (await tab.evaluate('answers()')) as Answers
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('answers every published and generated edge case as ZIP-215 does', () => {
    expect(answers.signatures.cases).toBeGreaterThan(300)
    expect(answers.signatures.wrong).toEqual([])
  })

  test('has native Ed25519 that accepts nothing beyond ZIP-215', () => {
    expect(answers.signatures.native).toEqual(['sign', 'verify'])
    expect(answers.signatures.tooLax).toEqual([])
  })

  test('keeps a key that no script can read, and signs blocks with it', () => {
    expect(answers.identity).toEqual({ same: true, extractable: false, status: 'valid' })
  })

  test('has a storage in IndexedDB that keeps every promise of the port', async () => {
    const { passed, failed } = (await tab.evaluate('storage()')) as PageResults
    expect(failed).toEqual([])
    expect(passed.length).toBeGreaterThan(28)
  }, 60_000)
})

test.skipIf(!runs)(
  'Firefox keeps every promise of the port in a private window, too',
  async () => {
    const server = await servePage('firefox-page.ts')
    const extraPrefsFirefox = { 'browser.privatebrowsing.autostart': true }
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX_PATH,
      headless: true,
      extraPrefsFirefox,
    })
    try {
      const tab = await browser.newPage()
      await tab.goto(server.url)
      const { passed, failed } = (await tab.evaluate('storage()')) as PageResults
      expect(failed).toEqual([])
      expect(passed.length).toBeGreaterThan(28)
    } finally {
      await browser.close()
      server.close()
    }
  },
  120_000,
)
