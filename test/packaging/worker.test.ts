import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build as esbuild } from 'esbuild'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'

const { project } = inject('installed')
const runs = existsSync(CHROMIUM_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/packaging/worker.test.ts in Chromium: no ${CHROMIUM_PATH} ***\n`)

/** What a user writes, with the recipe of a bundler in it. */
const agent = (worker: string) => `
import { createBlock, Signer, SyncClient } from 'cosmic-embeddings'
const vectorOf = row => Float32Array.from({ length: 32 }, (_, i) => Math.sin((row + 1) * (i + 1)))
export async function run() {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, search: { worker: ${worker} } })
  const errors = []
  client.on('error', ({ error }) => errors.push(String(error)))
  await client.start()
  let wanted
  for (let row = 0; row < 1100; row++) {
    const block = await createBlock({ embedding: vectorOf(row), model: 'acme:page', sky: false, time: 1000 + row }, signer)
    const { id } = await client.publish(block)
    if (row === 7) wanted = id
  }
  let status = await client.status()
  for (let i = 0; i < 500 && status.search.kernels === 'scalar'; i++) {
    await new Promise(resolve => setTimeout(resolve, 10))
    status = await client.status()
  }
  const { hits } = await client.search(vectorOf(7), { model: 'acme:page', recall: 1 })
  await client.close()
  const { kernels, thread } = status.search
  return { kernels, thread, found: hits[0].block.id === wanted, errors }
}`

const URL_PATTERN = "() => new Worker(new URL('cosmic-embeddings/worker', import.meta.url), { type: 'module' })"
const answer = { kernels: expect.stringMatching(/^wasm/), thread: 'worker', found: true, errors: [] }

function write(folder: string, files: Readonly<Record<string, string>>): string {
  const at = path.join(project, folder)
  mkdirSync(at, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(at, name), text)
  return at
}

/** What the page at `url` answers. */
async function runIn(url: string): Promise<unknown> {
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  try {
    const tab = await browser.newPage()
    const problems: string[] = []
    tab.on('pageerror', error => problems.push(String(error)))
    await tab.goto(url)
    const found = await tab.waitForFunction('window.answer', undefined, { timeout: 60_000 }).catch(error => {
      throw new Error(problems.join() || String(error))
    })
    return await found.jsonValue()
  } finally {
    await browser.close()
  }
}

describe.skipIf(!runs)('a worker in Chromium', () => {
  const closers: (() => unknown)[] = []
  afterAll(() => Promise.all(closers.map(close => close())))

  test('from a production build of Vite, by the URL of the packed package', async () => {
    const root = write('vite-worker', {
      'index.html': '<!doctype html><script type="module" src="./main.js"></script>',
      'agent.js': agent(URL_PATTERN),
      'main.js': `import { run } from './agent.js'; window.answer = await run()`,
    })
    await build({ root, configFile: false, logLevel: 'error', build: { outDir: 'built', target: 'es2022' } })
    const assets = path.join(root, 'built/assets')
    const texts = readdirSync(assets).map(file => readFileSync(path.join(assets, file), 'utf8'))
    expect(texts.some(text => /blob:|data:(?:text|application)\/javascript/.test(text))).toBe(false)
    const server = await preview({
      ...{ root, configFile: false, logLevel: 'error', build: { outDir: 'built' } },
      preview: { host: '127.0.0.1', port: 0 },
    })
    closers.push(() => server.close())
    expect(await runIn(`http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`)).toEqual(answer)
  })

  test('from esbuild, as an entry of its own', async () => {
    const root = write('esbuild-worker', {
      'main.js': `${agent("() => new Worker('/worker.js', { type: 'module' })")}\nwindow.answer = await run()`,
    })
    await esbuild({
      absWorkingDir: root,
      entryPoints: { main: './main.js', worker: 'cosmic-embeddings/worker' },
      ...{ bundle: true, splitting: true, format: 'esm', platform: 'browser', outdir: 'out', logLevel: 'silent' },
    })
    const server: Server = createServer(({ url = '/' }, response) => {
      if (!url.endsWith('.js')) {
        response.setHeader('content-type', 'text/html')
        response.end('<!doctype html><script type="module" src="/main.js"></script>')
        return
      }
      response.setHeader('content-type', 'text/javascript')
      response.end(readFileSync(path.join(root, 'out', path.basename(url))))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => server.close())
    expect(await runIn(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).toEqual(answer)
  })
})

test('a worker in Node, which keeps no process alive', () => {
  const recipe = "() => new Worker(new URL(import.meta.resolve('cosmic-embeddings/worker')))"
  const root = write('node-worker', {
    'main.mjs': `import { Worker } from 'node:worker_threads'\n${agent(recipe)}
      console.log(JSON.stringify(await run()))
      const idle = new SyncClient({ signer: await Signer.generate(), search: { worker: ${recipe} } })
      await idle.start()`,
  })
  const printed = execFileSync(process.execPath, ['main.mjs'], { cwd: root, encoding: 'utf8', timeout: 60_000 })
  expect(JSON.parse(printed)).toEqual(answer)
})
