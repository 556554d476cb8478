import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { createNode, resolveConfig } from '../../../src/setup/index'
import { newFolder, runCommand } from './run-command'

const folders = [newFolder(), newFolder()] as const
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })))

test('a terminal exchanges blocks with a node that listens, and says what came', async () => {
  for (const cwd of folders) {
    await runCommand(['init', '--yes', '--set', 'model=acme:tiny', '--set', 'embedder.kind=none'], { cwd })
    await runCommand(['create', '--vectors', '-'], { cwd, input: `[${folders.indexOf(cwd)},1,1,1,1,1,1,1]` })
  }
  const [here, there] = folders
  const { config } = await resolveConfig({ cwd: there, env: {}, flags: { 'websocket.listen': 'true' } })
  const node = await createNode(config)
  const [address] = (await node.client.status()).addresses
  // One that does not answer keeps nobody else from being met.
  const { code, out, err } = await runCommand(['sync', 'ws://127.0.0.1:9', address!, '--json'], { cwd: here })
  expect([code, err]).toEqual([1, expect.stringContaining('ws://127.0.0.1:9')])
  expect(JSON.parse(out)).toMatchObject({ blocks: 2, new: 1, peers: [{ peer: node.client.id, sent: 1, stored: 1 }] })
  expect((await node.store.stats()).blocks).toBe(2)
  const again = await runCommand(['sync', address!, '--json'], { cwd: here })
  expect([again.code, again.err, JSON.parse(again.out)]).toMatchObject([0, '', { blocks: 2, new: 0 }])
  await node.close()
  const alone = await runCommand(['sync', address!, '--timeout', '1'], { cwd: here })
  expect([alone.code, alone.out]).toEqual([1, ''])
})

test('sync without anybody to sync with is wrong usage', async () => {
  const { code, out, err } = await runCommand(['sync'], { cwd: folders[0] })
  expect([code, out, err]).toEqual([2, '', expect.stringContaining('<address>')])
})

test('a node without an identity does not start, and one that cannot open its store says so', async () => {
  const cwd = newFolder()
  const { config } = await resolveConfig({ cwd, env: {} })
  await expect(createNode(config)).rejects.toMatchObject({ code: 'no-identity' })
  await runCommand(['init', '--yes'], { cwd })
  const busy = await createNode(config, { network: false, embedder: false })
  await expect(createNode(config, { network: false, embedder: false })).rejects.toMatchObject({ code: 'storage' })
  await busy.close()
  rmSync(cwd, { recursive: true })
})
