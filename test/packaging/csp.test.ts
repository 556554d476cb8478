import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'

const { project } = inject('installed')
const runs = existsSync(CHROMIUM_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/packaging/csp.test.ts: no ${CHROMIUM_PATH} ***\n`)

const page = `
import { createBlock, Signer, SyncClient } from 'cosmic-embeddings'
const vectorOf = row => Float32Array.from({ length: 32 }, (_, i) => Math.sin((row + 1) * (i + 1)))
const signer = await Signer.generate()
const client = new SyncClient({ signer })
await client.start()
let wanted
for (let row = 0; row < 1100; row++) {
  const block = await createBlock({ embedding: vectorOf(row), model: 'acme:page', sky: false, time: 1000 + row }, signer)
  const { id } = await client.publish(block)
  if (row === 7) wanted = id
}
const [before] = (await client.status()).search.spaces
let status = await client.status()
for (let i = 0; i < 500 && status.search.spaces[0].bytes === before.bytes; i++) {
  await new Promise(resolve => setTimeout(resolve, 10))
  status = await client.status()
}
const { hits } = await client.search(vectorOf(7), { model: 'acme:page' })
console.log(JSON.stringify({ kernels: status.search.kernels, found: hits[0].block.id === wanted }))
`

describe.skipIf(!runs)('a page under a content security policy', () => {
  const folder = path.join(project, 'csp')
  let server: Server
  let browser: Browser
  let origin: string

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    await build({
      stdin: { contents: page, resolveDir: project },
      ...{ bundle: true, splitting: true, format: 'esm', platform: 'browser', outdir: folder, logLevel: 'silent' },
    })
    server = createServer(({ url = '/' }, response) => {
      const file = url.split('?')[0]!
      if (file.endsWith('.js')) {
        response.setHeader('content-type', 'text/javascript').end(readFileSync(path.join(folder, path.basename(file))))
        return
      }
      const policy = file === '/wasm' ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'"
      response.setHeader('content-security-policy', `default-src 'none'; ${policy}`)
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><script type="module" src="/stdin.js"></script>')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test.each([
    ['/wasm', /^wasm-/],
    ['/strict', /^scalar$/],
  ])('searches at %s', async (place, kernels) => {
    const tab = await browser.newPage()
    const problems: string[] = []
    tab.on('pageerror', error => problems.push(String(error)))
    // The page's policy forbids what a test would evaluate in it.
    const printed = tab.waitForEvent('console', { timeout: 60_000 })
    await tab.goto(origin + place)
    const answer = JSON.parse((await printed).text()) as object
    expect(answer).toEqual({ kernels: expect.stringMatching(kernels), found: true })
    expect(problems).toEqual([])
  })
})
