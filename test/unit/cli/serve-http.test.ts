import { rmSync } from 'node:fs'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, onTestFinished, test } from 'vitest'
import { httpTransport } from '../../../src/adapters/transport/http'
import { createBlock } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { answerOf, newFolder, runCommand } from './run-command'

interface Serving {
  readonly url: string
  readonly id: string
  stop(): Promise<{ code: number; err: string }>
}

interface Running {
  /** What it says once it runs. */
  readonly answer: object
  stop(): Promise<{ code: number; err: string }>
}

/** A command that runs until it is stopped. */
async function run(cwd: string, args: readonly string[]): Promise<Running> {
  let stop!: () => void
  let ended!: Promise<{ code: number; err: string }>
  const text = await new Promise<string>((resolve, reject) => {
    const watch = (out: string, halt: () => void) => {
      stop = halt
      resolve(out)
    }
    ended = runCommand([...args, '--json', '--set', 'log.level=warn'], { cwd, watch })
    ended.then(({ err }) => reject(new Error(err)), reject)
  })
  return { answer: JSON.parse(text) as object, stop: () => (stop(), ended) }
}

async function serve(cwd: string, ...settings: string[]): Promise<Serving> {
  const { answer, stop } = await run(cwd, ['serve', '--set', 'http.port=0', ...settings])
  return { ...(answer as { url: string; id: string }), stop }
}

test('serve takes peers and agents over HTTP, and ends at once though they stay', async () => {
  const cwd = newFolder()
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  await runCommand(['init', '--yes'], { cwd })
  const serving = await serve(cwd, '--set', 'http.sync=true')
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, transports: [httpTransport()] })
  onTestFinished(() => client.close())
  await client.start()
  const { id } = await client.publish(await createBlock({ embedding: [1, 2], model: 'acme:pairs', sky: false }, signer))
  expect(await client.connect(`${serving.url}/sync`)).toBe(serving.id)
  await client.waitForSync()
  const agent = new Client({ name: 'agent', version: '1' })
  await agent.connect(new StreamableHTTPClientTransport(new URL(`${serving.url}/mcp`)) as never)
  await expect
    .poll(async () => (await agent.callTool({ name: 'verify', arguments: { id } })).structuredContent)
    .toMatchObject({ status: 'valid' })
  await agent.close()
  const start = performance.now()
  expect(await serving.stop()).toMatchObject({ code: 0, err: '' })
  expect(performance.now() - start).toBeLessThan(4_500)
  expect(await answerOf(['inspect', id], { cwd })).toMatchObject({ id })
})

test('neither is there where the settings say no', async () => {
  const cwd = newFolder()
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  await runCommand(['init', '--yes'], { cwd })
  const serving = await serve(cwd, '--set', 'http.mcp=false')
  const post = async (path: string) => (await fetch(serving.url + path, { method: 'POST' })).status
  expect([await post('/mcp'), await post('/sync')]).toEqual([404, 404])
  await serving.stop()
})

test('mcp --http serves agents on loopback by a token of its own, which opens what an agent needs and no more', async () => {
  const cwd = newFolder()
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  await runCommand(['init', '--yes'], { cwd })
  const { answer, stop } = await run(cwd, ['mcp', '--http', '--port', '0', '--set', 'http.mcp=false'])
  const { url, token } = answer as { url: string; token: string }
  expect([new URL(url).hostname, new URL(url).pathname]).toEqual(['127.0.0.1', '/mcp'])
  const headers = { authorization: `Bearer ${token}` }
  const agent = new Client({ name: 'agent', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
  await agent.connect(transport as never)
  const { tools } = await agent.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['remember', 'recall', 'verify', 'relate', 'forget', 'peers'])
  await agent.close()
  expect((await fetch(url, { method: 'POST' })).status).toBe(401)
  const peer = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"address":"ws://x"}',
  }
  expect((await fetch(new URL('/peers', url), peer)).status).toBe(403)
  expect((await stop()).code).toBe(0)
  const tokens = JSON.stringify([{ token: 'a-token-of-the-settings', scopes: ['read'] }])
  const own = await run(cwd, ['mcp', '--http', '--port', '0', '--set', `http.tokens=${tokens}`])
  expect(Object.keys(own.answer)).toEqual(['url'])
  await own.stop()
  const wrong = await runCommand(['mcp', '--port', '1'], { cwd })
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--http')])
})
