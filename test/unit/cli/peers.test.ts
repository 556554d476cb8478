import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { answerOf, newFolder, runCommand } from './run-command'

const cwd = newFolder()
const GONE = 'ws://127.0.0.1:9'
beforeAll(() => runCommand(['init', '--yes', '--set', 'embedder.kind=none'], { cwd }))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const json = (args: readonly string[], env: Record<string, string> = {}) => answerOf(args, { cwd, env })
const settings = () => JSON.parse(readFileSync(path.join(cwd, 'cosmic.config.json'), 'utf8')) as { peers?: string[] }

test('without a serve that runs, peers are those of the settings, which the command changes', async () => {
  expect(await json(['peers'])).toEqual([])
  expect(await json(['peers', 'add', GONE])).toMatchObject({ address: GONE, state: 'configured', isNew: true })
  expect(await json(['peers', 'add', GONE])).toMatchObject({ isNew: false })
  expect(settings()).toEqual({ embedder: { kind: 'none' }, peers: [GONE] })
  expect(await json(['peers'])).toEqual([{ address: GONE, state: 'configured' }])
  expect((await runCommand(['peers', 'add', 'no address'], { cwd })).code).toBe(2)
  expect((await runCommand(['peers', 'remove', 'ws://127.0.0.1:10'], { cwd })).code).toBe(1)
  const env = { COSMIC_PEERS: '["ws://127.0.0.1:11"]' }
  const elsewhere = await runCommand(['peers', 'add', GONE], { cwd, env })
  expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringContaining('environment')])
  const nobody = await runCommand(['peers', '--url', 'http://127.0.0.1:9'], { cwd })
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('http://127.0.0.1:9')])
  expect(await json(['peers', 'remove', GONE])).toEqual({ removed: [GONE], disconnected: false })
  expect(settings().peers).toEqual([])
})

test('a serve that runs is asked, and told, with the tokens of the settings', async () => {
  const other = new SyncClient({
    signer: await Signer.generate(),
    network: 'cosmic',
    transports: [webSocketTransport({ listen: { port: 0 } })],
  })
  await other.start()
  const [address] = (await other.status()).addresses as [string]
  const tokens = [
    { token: 'a-token-that-only-reads', scopes: ['read'] },
    { token: 'a-token-that-does-everything', scopes: ['admin'] },
  ]
  const env = { COSMIC_HTTP_TOKENS: JSON.stringify(tokens) }
  const steps: unknown[] = []
  await runCommand(['serve', '--jsonl', '--set', 'http.port=0'], {
    cwd,
    env,
    watch: (text, stop) => {
      const { url } = JSON.parse(text) as { url: string }
      const step = async (...args: string[]) => steps.push(await json([...args, '--url', url], env))
      void step('peers', 'add', address)
        .then(() => step('peers'))
        .then(() => step('peers', 'remove', other.id))
        .then(() => step('peers'))
        .catch((error: unknown) => steps.push(error))
        .finally(stop)
    },
  })
  const file = path.join(cwd, 'cosmic.config.json')
  expect(steps).toMatchObject([
    { address, peer: other.id, state: 'connected', file, isNew: true },
    [{ address, peer: other.id, state: 'connected', phase: expect.any(String) }],
    { removed: [address], disconnected: true },
    [],
  ])
  expect(settings().peers).toEqual([])
  await other.close()
})

test('an address that never answers is dialled until it is removed, whether it was there at the start or not', async () => {
  const late = 'ws://127.0.0.1:10'
  await json(['peers', 'add', GONE])
  const steps: unknown[] = []
  await runCommand(['serve', '--jsonl', '--set', 'http.port=0', '--set', 'log.level=silent'], {
    cwd,
    watch: (text, stop) => {
      const { url } = JSON.parse(text) as { url: string }
      const step = async (...args: string[]) => steps.push(await json([...args, '--url', url]))
      void step('peers', 'add', late)
        .then(() => step('peers'))
        .then(() => step('peers', 'remove', GONE))
        .then(() => step('peers', 'remove', late))
        .then(() => step('peers'))
        .catch((error: unknown) => steps.push(error))
        .finally(stop)
    },
  })
  const wanted = (address: string) => ({ address, state: expect.stringMatching(/^(dialling|waiting)$/) as string })
  expect(steps).toMatchObject([
    { address: late, state: 'waiting', code: 'unreachable' },
    [wanted(GONE), wanted(late)],
    { removed: [GONE], disconnected: false },
    { removed: [late], disconnected: false },
    [],
  ])
})
