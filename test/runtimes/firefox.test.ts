import { existsSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { servePage, type PageServer } from './bundle'

const runs = existsSync(FIREFOX_PATH)
if (!runs) console.warn(`\n*** SKIPPED: Firefox (test/runtimes): no ${FIREFOX_PATH} ***\n`)

interface Answers {
  readonly signatures: { cases: number; native: string[]; wrong: string[]; tooLax: string[] }
  readonly identity: object
}

describe.skipIf(!runs)('Firefox', () => {
  let server: PageServer
  let browser: Browser
  let answers: Answers

  beforeAll(async () => {
    server = await servePage('firefox-page.ts')
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX_PATH, headless: true })
    const tab = await browser.newPage()
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
})
