import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import type { CosmicError } from '../../src/base/index'
import { memoryStorage, openBlockStore } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { attack, attackedBlocks, METHODS, storeCall } from '../tools/store-attack'

/**
 * Whatever a store is called with, (1) each call answers or fails with a `CosmicError` that has a code; (2) the store is
 * whole afterwards: `check` finds nothing, and the blocks that were there and not asked away are.
 */

const root = await mkdtemp(join(tmpdir(), 'cosmic-calls.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
const opened = {
  memory: async () => memoryStorage(),
  lmdb: () => lmdbStorage(join(root, `store.${++count}`)),
}

test.each(Object.entries(opened))(
  'any call of a store in %s answers or is refused by name',
  async (name, open) => {
    await fc.assert(
      fc.asyncProperty(fc.array(storeCall, { minLength: 20, maxLength: 60 }), async calls => {
        const damages: CosmicError[] = []
        const store = await openBlockStore(await open(), { onDamage: error => damages.push(error) })
        await store.put(attackedBlocks)
        for (const { method, args } of calls) {
          const failure = await attack(store, method, args)
          if (failure !== undefined) throw new Error(`${method}(${fc.stringify(args)})`, { cause: failure })
        }
        // A repair that was stopped ends with the next write.
        await store.raiseFloor(0)
        const findings = (await collect(store.check!())).flatMap(({ finding }) => finding ?? [])
        expect([findings, damages]).toEqual([[], []])
        await store.close()
      }),
      { numRuns: name === 'memory' ? 60 : 12 },
    )
  },
  60_000,
)

test('every method is attacked', async () => {
  const store = await openBlockStore(memoryStorage())
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(store)).filter(
    each => !['constructor', 'open'].includes(each),
  )
  expect(own.filter(each => !METHODS.includes(each as never))).toEqual(['close'])
  await store.close()
})
