import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { NATS_PATH } from '../../tools/servers.mjs'
import { NatsServer } from '../../tools/nats-server'

const page = readFileSync(new URL('../../../docs/transports.md', import.meta.url), 'utf8')
const [, example = '', output = ''] = /^```ts\n(import(?:(?!^```).)*)^```\n\n^```\n(.*?)^```/ms.exec(page) ?? []
const source = (file: string) => `'${fileURLToPath(new URL(`../../../src/${file}`, import.meta.url))}'`

test.skipIf(!existsSync(NATS_PATH))('the example of the NATS carrier prints what the page shows', async () => {
  const server = await NatsServer.start()
  onTestFinished(() => server.stop())
  vi.stubEnv('NATS_URL', server.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-transports-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'example.ts')
  const here = example
    .replace(`'cosmic-embeddings'`, source('index.ts'))
    .replace(`'cosmic-embeddings/transport/nats'`, source('adapters/transport/nats.ts'))
  writeFileSync(file, here)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  await import(/* @vite-ignore */ file)
  expect(output.trim()).not.toBe('')
  expect(log.mock.calls.map(parts => parts.join(' ')).join('\n')).toBe(output.trim())
})
