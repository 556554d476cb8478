import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SyncClient, CosmicValidator, memoryStorage, openBlockStore, Signer } from '../../src/index'
import { meetJunk } from './meet-junk'
import { objectCalls } from './object-calls'
import { clientCalls, otherCalls, type PublicCall } from './public-calls'
import { simulatorCalls, testingCalls } from './simulator-calls'
import { skyCalls } from './sky-calls'
import { setupCalls, surfaceCalls } from './surface-calls'

const folder = await mkdtemp(join(tmpdir(), 'doors-'))
const signer = await Signer.generate()
const store = await openBlockStore(memoryStorage())
const validator = new CosmicValidator()
const client = new SyncClient({ signer, storage: store, validator })
await client.start()
const node = { client, signer, store, validator, close: async () => undefined } as never
afterAll(async () => {
  await client.close()
  await rm(folder, { recursive: true })
})

const calls: readonly PublicCall[] = [
  ...(await objectCalls(client)),
  ...skyCalls(),
  ...(await setupCalls(folder, node)),
  ...(await surfaceCalls(node)),
  ...(await simulatorCalls()),
  ...(await testingCalls()),
]
meetJunk(calls, [client, store])

/** What takes nothing, or is made and called by the library alone: its error, and parts of a simulated world. */
const WITHOUT = [
  'HttpError',
  'memoryStorage',
  'memoryNetwork',
  'miniSearch',
  'configJsonSchema',
  'settings',
  'SimulatedDisk',
  'SimulatedNetwork',
]

test('every function and class that a subpath exports is called here', async () => {
  const called = [...calls, ...clientCalls(client), ...(await otherCalls(folder))]
  const names = new Set([...called.map(({ name }) => name.replace(/^new /, '').split(/[ .]/, 1)[0]!), ...WITHOUT])
  const table = /const published = \{\n(.*?)\n\}/s.exec(await readFile('tsup.config.ts', 'utf8'))![1]!
  const doors = [...table.matchAll(/'?([\w/-]+)'?: '(src\/[^']+)'/g)]
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { exports: Record<string, unknown> }
  expect(doors.map(([, door]) => (door === 'index' ? '.' : `./${door}`)).sort()).toEqual(
    Object.keys(manifest.exports)
      .filter(door => !/worker|search.wasm|package.json/.test(door))
      .sort(),
  )
  const missing: string[] = []
  for (const [, door, source] of doors) {
    const exported = (await import(`../../${source}`)) as Record<string, unknown>
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'function' && !names.has(name)) missing.push(`${door}: ${name}`)
  }
  expect(missing).toEqual([])
})
