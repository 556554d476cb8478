import { spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { unwrap } from '../../src/base/index'
import { decodeBlock } from '../../src/block/index'
import { WORKERD_PATH } from '../tools/other-runtimes.mjs'

const { project } = inject('installed')
const runs = existsSync(WORKERD_PATH)
if (!runs) console.warn(`\n*** SKIPPED: test/packaging/workerd.test.ts: no ${WORKERD_PATH} ***\n`)

/** What a user of such a runtime writes; its bundler compiles the module, and `compile` from bytes is forbidden. */
const worker = `
import { createBlock, CosmicValidator, memoryStorage, openBlockStore, Signer, SyncClient, verifyBlocks } from 'cosmic-embeddings'
import { createHttpHandler } from 'cosmic-embeddings/http'
import module from 'cosmic-embeddings/search.wasm'

const COUNT = 1100
const vectorOf = row => Float32Array.from({ length: 32 }, (_, i) => Math.sin((row + 1) * (i + 1)))

async function forbidden() {
  try { await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)); return false } catch { return true }
}

async function search(options) {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, search: options })
  await client.start()
  const ids = []
  for (let row = 0; row < COUNT; row++) {
    const block = await createBlock({ embedding: vectorOf(row), model: 'acme:edge', time: 1000 + row, sky: row === 0 }, signer)
    ids.push((await client.publish(block)).id)
  }
  let verified = 0
  for await (const { result } of verifyBlocks([(await client.get(ids[7])).bytes])) if (result.ok) verified++
  let status = await client.status()
  for (let i = 0; i < 500 && options.module && status.search.kernels === 'scalar'; i++) {
    await new Promise(resolve => setTimeout(resolve, 10))
    status = await client.status()
  }
  const { hits } = await client.search(vectorOf(7), { model: 'acme:edge', k: 3 })
  const { status: judged } = await new CosmicValidator().validate(hits[0].block.bytes)
  await client.close()
  return { kernels: status.search.kernels, found: hits[0].block.id === ids[7], count: hits.length, verified, judged }
}

async function serve(request) {
  const [signer, validator, store] = [await Signer.generate(), new CosmicValidator(), await openBlockStore(memoryStorage())]
  const client = new SyncClient({ signer, validator, storage: store })
  await client.start()
  const handler = createHttpHandler({ client, store, signer, validator })
  const body = JSON.stringify({ embedding: [...vectorOf(1)], model: 'acme:edge' })
  const headers = { 'content-type': 'application/json' }
  const made = await handler.fetch(new Request('http://127.0.0.1/blocks', { method: 'POST', body, headers }))
  const { id } = await made.json()
  const answer = await handler.fetch(new Request('http://127.0.0.1/blocks/' + id, request))
  handler.close()
  return answer
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/http') return serve(request)
    const options = new URL(request.url).pathname === '/module' ? { module } : {}
    try { return Response.json({ forbidden: await forbidden(), ...(await search(options)) }) }
    catch (error) { return new Response(String(error.stack), { status: 500 }) }
  },
}
`

describe.skipIf(!runs)('workerd', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-workerd-'))
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    await build({
      stdin: { contents: worker, resolveDir: project },
      ...{ bundle: true, format: 'esm', platform: 'browser', conditions: ['workerd', 'worker', 'browser'] },
      ...{ external: ['*.wasm'], outfile: path.join(folder, 'worker.js'), logLevel: 'silent' },
    })
    copyFileSync(
      path.join(project, 'node_modules/cosmic-embeddings/dist/search.wasm'),
      path.join(folder, 'search.wasm'),
    )
    const port = await freePort()
    writeFileSync(path.join(folder, 'config.capnp'), configOf(port))
    server = spawn(WORKERD_PATH, ['serve', 'config.capnp'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
    url = `http://127.0.0.1:${port}`
    await answering(url, server)
  }, 60_000)

  afterAll(async () => {
    const ended = new Promise(resolve => server?.once('exit', resolve))
    if (server?.kill()) await ended
    rmSync(folder, { recursive: true, force: true })
  })

  const common = { forbidden: true, found: true, count: 3, verified: 1, judged: 'valid' }

  test.each([
    ['with the compiled module', '/module', 'wasm-simd'],
    ['without it, in plain JavaScript', '/scalar', 'scalar'],
  ])('makes, verifies and searches blocks %s', async (_title, place, kernels) => {
    const response = await fetch(url + place)
    const text = await response.text()
    expect([response.status, text]).toEqual([200, expect.any(String)])
    expect(JSON.parse(text)).toEqual({ ...common, kernels })
  })

  test('serves the HTTP API', async () => {
    const answer = await fetch(`${url}/http`, { headers: { accept: 'application/cbor' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/cbor'])
    expect(unwrap(decodeBlock(new Uint8Array(await answer.arrayBuffer()))).kind).toBe('embedding')
  })
})

/** Modules by the names that the bundle imports them under. */
function configOf(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "cosmic-embeddings/search.wasm", wasm = embed "search.wasm"),
  ],
  compatibilityDate = "2026-01-01",
);
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Resolves when something listens there. */
async function answering(url: string, { exitCode }: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200 && exitCode === null; attempt++) {
    const answered = await fetch(`${url}/module`, { method: 'HEAD', signal: AbortSignal.timeout(30_000) }).catch(
      () => undefined,
    )
    if (answered) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('workerd does not answer')
}
