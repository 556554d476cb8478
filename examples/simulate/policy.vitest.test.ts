import { CosmicValidator, type Policy } from 'cosmic-embeddings'
import { type NodeOptions, planOf, runPlan, type SimulatedNode, World } from 'cosmic-embeddings/simulator'
import { describe, expect, test } from 'vitest'

/** The policy under test: this agent reads notes about physics only. */
const policy: Policy = { admit: block => 'tags' in block && block.tags?.includes('physics') === true }

const strictly: NodeOptions = {
  validator: ({ clock, verify }) => new CosmicValidator({ ...policy, clock }, { verify }),
}

// Each test runs a whole network: on a busy machine that takes longer than the usual five seconds.
describe('our policy, in a network', { timeout: 60_000 }, () => {
  test('an agent that does not read a note still passes it on', async () => {
    const world = await World.create({ seed: 1 })
    const writer = await world.addNode('writer')
    const strict = await world.addNode('strict', strictly)
    const reader = await world.addNode('reader')
    strict.connect('writer')
    reader.connect('strict')
    const note = (await world.complete(writer.publish({ tags: ['cooking'] })))!
    await world.run(30_000)
    const read = (node: SimulatedNode) => world.complete(node.client!.get(note.id))
    expect(await read(strict)).toBeUndefined()
    expect((await read(reader))?.id).toBe(note.id)
    expect(await world.check()).toEqual([])
  })

  test.each([1, 2, 3])('whatever happens to the network: seed %i', async seed => {
    const { violations } = await runPlan(planOf('random', seed), { node: () => strictly })
    expect(violations).toEqual([])
  })
})
