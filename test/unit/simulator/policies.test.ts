import { expect, test } from 'vitest'
import { CosmicValidator, type Policy } from '../../../src/validate/index'
import { type NodeOptions, World } from '../../../src/simulator/index'

const having = (policy: Policy): NodeOptions => ({
  validator: ({ clock, verify }) => new CosmicValidator({ ...policy, clock }, { verify }),
})

async function found(policy: Policy) {
  const world = await World.create({ seed: 1, signatures: 'stand-in' })
  await world.addNode('writer')
  const reader = await world.addNode('reader', having(policy))
  reader.connect('writer')
  for (let i = 0; i < 20; i++) await world.complete(world.nodes.get('writer')!.publish({ tags: [`topic-${i}`] }))
  await world.run(20_000)
  return world.check()
}

const violation = (message: string) => [expect.objectContaining({ oracle: 'policy', node: 'reader', message })]

test('a policy that throws at every block is a violation that names the policy and the error', async () => {
  const admit = () => {
    throw new TypeError('my bug')
  }
  expect(await found({ admit })).toEqual(violation('the policy’s admit function threw: my bug'))
  const rules = [{ name: 'no spam', admit: async () => admit() }]
  expect(await found({ rules })).toEqual(violation('the policy’s admit function of rule no spam threw: my bug'))
})

test('and so is one that answers with neither a boolean nor a refusal', async () => {
  const message = 'the policy’s admit function answered undefined, neither a boolean nor a refusal'
  expect(await found({ admit: (() => {}) as unknown as NonNullable<Policy['admit']> })).toEqual(violation(message))
})

test('one that refuses as a policy may is none', async () => {
  expect(await found({ admit: () => ({ field: 'tags', message: 'none of ours' }) })).toEqual([])
  expect(await found({ admit: () => false })).toEqual([])
})
