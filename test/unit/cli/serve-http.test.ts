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

/** `serve`, once it says where it listens. */
async function serve(cwd: string, ...settings: string[]): Promise<Serving> {
  let stop!: () => void
  let ended!: Promise<{ code: number; err: string }>
  const text = await new Promise<string>((resolve, reject) => {
    const watch = (out: string, halt: () => void) => {
      stop = halt
      resolve(out)
    }
    ended = runCommand(['serve', '--json', '--set', 'http.port=0', '--set', 'log.level=warn', ...settings], {
      cwd,
      watch,
    })
    ended.then(({ err }) => reject(new Error(err)), reject)
  })
  const { url, id } = JSON.parse(text) as { url: string; id: string }
  return { url, id, stop: () => (stop(), ended) }
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
