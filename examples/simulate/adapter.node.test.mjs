import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, runPlan, World } from 'cosmic-embeddings/simulator'

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

/** @type {import('cosmic-embeddings/simulator').NodeOptions} */
const node = { client: options => ({ ...options, storage: cached(options.storage) }) }

test('our storage adapter keeps what an agent publishes', async () => {
  const world = await World.create({ seed: 1 })
  const agent = await world.addNode('agent', node)
  const note = await world.complete(agent.publish())
  await world.complete(agent.stop())
  await world.complete(agent.start())
  assert.ok(note && (await world.complete(/** @type {any} */ (agent.client).get(note.id))))
  assert.deepEqual(await world.check(), [])
})

for (const scenario of ['crash-at-any-write', 'second-thoughts']) {
  test(`our storage adapter keeps its promises: ${scenario}`, async () => {
    const { violations } = await runPlan(planOf(scenario, 1), { node: () => node })
    assert.deepEqual(violations, [])
  })
}
