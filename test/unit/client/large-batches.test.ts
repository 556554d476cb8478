import { expect, onTestFinished, test } from 'vitest'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../../src/store/index'
import { storedBlock } from '../../tools/stored-block'

const COUNT = 300

/** A store that notes the bytes of each put. */
async function noting(): Promise<{ store: BlockStore; puts: number[] }> {
  const inner = await openBlockStore(memoryStorage())
  const puts: number[] = []
  const store = new Proxy(inner, {
    get(target, name) {
      if (name === 'put') {
        return (...[blocks, options]: Parameters<BlockStore['put']>) => {
          puts.push(blocks.reduce((sum, { block }) => sum + block.bytes.length, 0))
          return target.put(blocks, options)
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { store, puts }
}

async function openClient(storage: BlockStore): Promise<SyncClient> {
  const client = new SyncClient({ signer: await Signer.generate(), storage })
  await client.start()
  onTestFinished(() => client.close())
  return client
}

test('blocks of the largest size are copied and imported, in puts of few', { timeout: 60_000 }, async () => {
  const source = await openBlockStore(memoryStorage())
  const vector = new Float32Array(8_192).fill(0.5)
  for (let i = 0; i < COUNT; i += 50) {
    const some = Array.from({ length: 50 }, (_, n) => storedBlock({ text: `${i + n} ${'x'.repeat(131_000)}`, vector }))
    await source.put(await Promise.all(some))
  }
  // What 256 of them weigh at once.
  expect((await source.stats()).bytes).toBeGreaterThan(40 * 1024 * 1024)

  const copied = await noting()
  const copy = await openClient(copied.store)
  expect(await copy.copyFrom(source)).toMatchObject({ stored: COUNT, refused: 0, missing: 0 })
  const restored = await noting()
  const restore = await openClient(restored.store)
  expect(await restore.import(copy.export())).toMatchObject({ stored: COUNT, refused: 0 })

  for (const { puts } of [copied, restored]) {
    expect(Math.max(...puts)).toBeLessThan(17 * 1024 * 1024)
    expect(puts.length).toBeGreaterThan(4)
  }
  await source.close()
})
