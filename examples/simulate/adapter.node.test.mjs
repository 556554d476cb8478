import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, runPlan } from 'cosmic-embeddings/simulator'

/**
 * The adapter under test: a cache of single reads in front of any storage. With `batch` not clearing it, the run below fails.
 *
 * @param {import('cosmic-embeddings').KeyValueStorage} storage
 * @returns {import('cosmic-embeddings').KeyValueStorage}
 */
function cached(storage) {
  const known = new Map()
  return {
    async get(key, options) {
      const name = String(key)
      if (!known.has(name)) known.set(name, await storage.get(key, options))
      return known.get(name)?.slice()
    },
    getMany: (keys, options) => storage.getMany(keys, options),
    async batch(operations, options) {
      await storage.batch(operations, options)
      for (const { key } of operations) known.delete(String(key))
    },
    range: options => storage.range(options),
    close: () => storage.close(),
  }
}

for (const scenario of ['crash-at-any-write', 'second-thoughts']) {
  test(`our storage adapter keeps its promises: ${scenario}`, async () => {
    const { violations } = await runPlan(planOf(scenario, 1), {
      node: () => ({ client: options => ({ ...options, storage: cached(/** @type {any} */ (options.storage)) }) }),
    })
    assert.deepEqual(violations, [])
  })
}
