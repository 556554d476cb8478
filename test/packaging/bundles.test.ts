import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { build as bundle, createServer, preview } from 'vite'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { existsSync } from 'node:fs'
import { bundleForBrowser, gzipSize } from './bundle-for-browser'

const { project } = inject('installed')
const WEBRTC = 'cosmic-embeddings/transport/webrtc'
const INDEXEDDB = 'cosmic-embeddings/storage/indexeddb'

/** What a browser cannot load, and what a page under a strict content security policy must not run. */
function expectPortable(code: string) {
  expect(code).not.toMatch(/["'`]node:/)
  expect(code).not.toMatch(/\beval\s*\(|\bFunction\s*\(/)
}

describe('esbuild', () => {
  test.each(['cosmic-embeddings', WEBRTC, INDEXEDDB, 'cosmic-embeddings/http', 'cosmic-embeddings/http/client'])(
    'bundles %s for the browser without configuration',
    async name => {
      const { initial, lazy } = await bundleForBrowser(project, `export * from '${name}'`)
      for (const chunk of [...initial, ...lazy]) expectPortable(chunk.text)
    },
  )

  test.each([
    'cosmic-embeddings/storage/lmdb',
    'cosmic-embeddings/storage/postgres',
    'cosmic-embeddings/transport/nats',
    'cosmic-embeddings/setup',
    'cosmic-embeddings/signaling',
  ])('refuses %s', async name => {
    await expect(bundleForBrowser(project, `export * from '${name}'`)).rejects.toThrow(name)
  })
})

describe('size, gzip', () => {
  test.each([
    ['the whole root', `export * from 'cosmic-embeddings'`, 68_000],
    [
      'the whole root with a storage in IndexedDB',
      `export * from 'cosmic-embeddings'; export * from '${INDEXEDDB}'`,
      73_000,
    ],
    [
      'createBlock, decodeBlock and Signer',
      `export { createBlock, decodeBlock, Signer } from 'cosmic-embeddings'`,
      43_000,
    ],
  ])('%s stays within its budget', async (title, source, budget) => {
    const { initial, lazy } = await bundleForBrowser(project, source)
    const size = gzipSize(initial)
    console.log(`${title}: ${size} of ${budget} bytes at once, ${gzipSize(lazy)} more on demand`)
    expect(size).toBeLessThanOrEqual(budget)
  })
})

describe('Vite, without configuration', () => {
  const page = path.join(project, 'page')
  mkdirSync(page, { recursive: true })
  writeFileSync(path.join(page, 'index.html'), '<!doctype html><script type="module" src="./main.js"></script>')
  writeFileSync(
    path.join(page, 'main.js'),
    `import * as root from 'cosmic-embeddings'
     import * as webrtc from '${WEBRTC}'
     const signer = await root.Signer.generate()
     const block = await root.createBlock(
       { embedding: new Float32Array([1, 2, 3]), model: 'acme:tiny', input: { type: 'text', content: 'hello' } },
       signer,
     )
     const decoded = root.decodeBlock(block.bytes)
     window.answer = { same: decoded.ok && decoded.value.id === block.id, webrtc: Object.keys(webrtc) }`,
  )
  const closers: (() => Promise<unknown>)[] = []
  afterAll(() => Promise.all(closers.map(close => close())))

  test('the development server serves a page that runs', async () => {
    const server = await createServer({
      root: page,
      configFile: false,
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0 },
    })
    closers.push(() => server.close())
    await server.listen()
    const { port } = server.httpServer!.address() as AddressInfo
    const main = await (await fetch(`http://127.0.0.1:${port}/main.js`)).text()
    expect(main).toContain('cosmic-embeddings')
    await expectRuns(`http://127.0.0.1:${port}/`)
  })

  test('the production build is portable and runs', async () => {
    await bundle({ root: page, configFile: false, logLevel: 'error', build: { outDir: 'built' } })
    const assets = path.join(page, 'built/assets')
    for (const file of readdirSync(assets)) expectPortable(readFileSync(path.join(assets, file), 'utf8'))
    const server = await preview({
      root: page,
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'built' },
      preview: { host: '127.0.0.1', port: 0 },
    })
    closers.push(() => server.close())
    const { port } = server.httpServer.address() as AddressInfo
    await expectRuns(`http://127.0.0.1:${port}/`)
  })
})

/** Opens the page in Chromium, where there is one, and reads what its script answered. */
async function expectRuns(url: string) {
  if (!existsSync(CHROMIUM_PATH)) return console.warn(`*** SKIPPED: ${url} in Chromium: no ${CHROMIUM_PATH} ***`)
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  try {
    const tab = await browser.newPage()
    const errors: Error[] = []
    tab.on('pageerror', error => errors.push(error))
    await tab.goto(url)
    const answer = await tab.waitForFunction('window.answer', undefined, { timeout: 20_000 }).catch(error => {
      throw errors[0] ?? error
    })
    expect(await answer.jsonValue()).toMatchObject({ same: true, webrtc: expect.arrayContaining([expect.any(String)]) })
    expect(errors).toEqual([])
  } finally {
    await browser.close()
  }
}
