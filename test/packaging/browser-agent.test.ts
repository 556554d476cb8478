import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { root } from '../tools/run.mjs'

const WAIT = { timeout: 60_000 }
const hasChromium = existsSync(CHROMIUM_PATH)
if (!hasChromium) console.warn(`\n*** SKIPPED: test/packaging/browser-agent.test.ts: no ${CHROMIUM_PATH} ***\n`)

let agent: NodeAgent
let browser: Browser

/** `examples/browser/node-agent.ts` in its own process, as a user runs it. */
class NodeAgent {
  readonly #process: ChildProcess
  #printed = ''

  constructor() {
    // In one process, without tsx's own command, so that no signal is lost between two.
    const env = { ...process.env, TSX_TSCONFIG_PATH: '.config/tsconfig.run.json' }
    const args = ['--import', 'tsx', 'examples/browser/node-agent.ts']
    this.#process = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout!, this.#process.stderr!])
      stream.on('data', data => (this.#printed += data))
  }

  /** The first match in what it has printed, or prints in time. */
  async prints(pattern: RegExp): Promise<string> {
    for (
      const end = Date.now() + WAIT.timeout;
      Date.now() < end;
      await new Promise(resolve => setTimeout(resolve, 50))
    ) {
      const found = pattern.exec(this.#printed)?.[0]
      if (found !== undefined) return found
      if (this.#process.exitCode !== null) break
    }
    throw new Error(`no ${pattern} in what the agent printed:\n${this.#printed}`)
  }

  /** Asks it to stop as Ctrl-C does; answers its exit code, or the signal that had to end it. */
  async stop(): Promise<number | string | null> {
    const ended = new Promise<number | string | null>(resolve =>
      this.#process.once('exit', (code, signal) => resolve(code ?? signal)),
    )
    this.#process.kill('SIGINT')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 15_000)
    return ended.finally(() => clearTimeout(late))
  }
}

/** A tab, and everything that went wrong in it. */
async function open(url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(WAIT.timeout)
  const problems: string[] = []
  page.on('pageerror', error => problems.push(String(error)))
  page.on('console', message => message.type() === 'error' && problems.push(message.text()))
  await page.goto(url)
  return { page, problems }
}

async function expectSynced(page: Page, blocks: number): Promise<void> {
  await page.locator('#count', { hasText: new RegExp(`^${blocks} blocks`) }).waitFor()
  await page.locator('#peers [data-phase="live"]').waitFor()
}

/** The text of the best hit, once the answer to `asked` is there. */
async function bestHit(page: Page, asked: string): Promise<string> {
  await page.locator('#answered', { hasText: asked }).waitFor()
  return page.locator('#hits .text').first().innerText()
}

async function ask(page: Page, question: string): Promise<void> {
  await page.fill('#question', question)
  await page.click('#search button')
}

const idOf = (page: Page) => page.locator('#identity').innerText()
const ICE = 'frozen water that creeps down a mountain'
const GLACIER = 'glacier: a slowly moving mass of ice'

describe.skipIf(!hasChromium)('the example page, in Chromium', () => {
  let url: string

  beforeAll(async () => {
    agent = new NodeAgent()
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
    url = await agent.prints(/http:\S+/)
  }, 90_000)
  afterEach(() => Promise.all(browser.contexts().map(context => context.close())))
  afterAll(async () => {
    await browser?.close()
    expect(await agent.stop()).toBe(0)
  })

  test('syncs with a Node agent over WebRTC, publishes, searches, and stays who it is', async () => {
    const { page, problems } = await open(url)
    await expectSynced(page, 100)
    const nodeId = /did:key:\w+/.exec(await agent.prints(/I am did:key:\w+/))![0]
    expect(await page.locator('#peers .card').getAttribute('data-peer')).toBe(nodeId)
    const card = page.locator('#blocks .card').first()
    await card.locator('details[data-status="valid"]').waitFor()
    expect(await page.locator('#blocks details[data-status="valid"]').count()).toBe(10)
    expect(await card.locator('code').getAttribute('title')).toBe(nodeId)
    expect(await card.locator('.sky').innerText()).toMatch(/^Sun .*horizon; Moon in /)
    await card.locator('summary').click()
    expect(await card.locator('.checks').innerText()).toMatch(/signature passed.*\n.*sky passed/)

    await ask(page, ICE)
    expect(await bestHit(page, ICE)).toBe(GLACIER)

    const self = await idOf(page)
    await page.fill('#text', 'A river of ice <img src=x> moves \u202e slowly.')
    await page.click('#note > button')
    expect(await agent.prints(/received from .*river of ice.*/)).toContain(`${self}: "A river of ice`)
    const note = page.locator('#blocks .card', { hasText: 'A river of ice <img src=x> moves ⟨U+202E⟩ slowly.' })
    await note.getByText('More like this').click()
    expect(await bestHit(page, 'to “A river of ice')).toBe(GLACIER)

    await page.reload()
    await expectSynced(page, 101)
    expect(await idOf(page)).toBe(self)
    expect(await page.locator('#count').innerText()).toContain('1 by me')
    expect(await page.locator('#errors').innerText()).toBe('')

    // Nobody to get them from: what is there now was kept in this browser.
    await page.goto(new URL('.', url).href)
    await note.waitFor()
    expect(await page.locator('#count').innerText()).toBe('101 blocks, 1 by me. Latest first.')
    await note.getByText('More like this').click()
    expect(await bestHit(page, 'to “A river of ice')).toBe(GLACIER)
    expect(await page.locator('#errors').innerText()).toBe('')
    expect(problems).toEqual([])
  }, 180_000)

  test('a second tab says that the first one has the blocks, and works without them', async () => {
    const { page } = await open(new URL('.', url).href)
    await page.locator('#note:not([inert])').waitFor()
    expect(await page.locator('#errors').innerText()).toBe('')
    const second = await page.context().newPage()
    await second.goto(page.url())
    await second.locator('#errors', { hasText: 'open already' }).waitFor()
    await second.locator('#note:not([inert])').waitFor()
  }, 60_000)

  test('says what is wrong: a place that is none, a signaling service that is not there', async () => {
    const { page } = await open(url.replace(/ws%3A.*?&/, 'ws%3A%2F%2F127.0.0.1%3A9&'))
    await page.locator('#errors strong', { hasText: /signaling|unreachable/ }).waitFor()
    await page.getByText('Add a place').click()
    await page.fill('[name=latitude]', '91')
    await page.fill('#text', 'I am beyond the pole.')
    await page.click('#note > button')
    await page.locator('#errors', { hasText: 'place' }).waitFor()
    expect(await page.locator('#count').innerText()).toBe('Nothing yet.')
    expect(await page.locator('#published').innerText()).toContain('Not published')
  }, 120_000)

  describe('as a production build', () => {
    const outDir = mkdtempSync(path.join(tmpdir(), 'cosmic-browser-agent-'))
    let server: PreviewServer
    let built: string

    beforeAll(async () => {
      const page = path.join(root, 'examples/browser')
      const common = { root: page, configFile: false, logLevel: 'error' } as const
      await build({ ...common, build: { outDir, emptyOutDir: true } })
      server = await preview({ ...common, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } })
      built = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/${new URL(url).search}`
    }, 120_000)
    afterAll(async () => {
      await server?.close()
      rmSync(outDir, { recursive: true, force: true })
    })

    test('holds no model', () => {
      expect(readdirSync(path.join(outDir, 'assets')).filter(file => !/\.(js|css)$/.test(file))).toEqual([])
    })

    test('syncs, and searches with the model from where it is served', async () => {
      const { page, problems } = await open(`${built}&models=${new URL('/node_modules/', url)}`)
      await expectSynced(page, 101)
      await ask(page, ICE)
      await bestHit(page, ICE)
      expect(await page.locator('#hits .text').allInnerTexts()).toContain(GLACIER)
      expect(problems).toEqual([])
    }, 120_000)

    test('without a model it says so, and still finds more like a block', async () => {
      const { page } = await open(built)
      await expectSynced(page, 101)
      await ask(page, ICE)
      await page.locator('#errors strong', { hasText: 'embedder' }).waitFor()
      await page.locator('#blocks').getByText('More like this').first().click()
      await page.locator('#hits .card').first().waitFor()
      expect(await page.locator('#answered').innerText()).toContain('The nearest 5 of 101 blocks')
    }, 120_000)
  })
})
