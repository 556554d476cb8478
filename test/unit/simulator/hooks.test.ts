import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type NodeOptions,
  type Plan,
  type RunOptions,
  runPlan,
  SeededRandom,
  shrink,
  type SimulatedNode,
  World,
} from '../../../src/simulator/index'
import { Recorder } from '../../../src/simulator/recorder'
import { Scheduler } from '../../../src/simulator/scheduler'

const refusal = (code: string, field: string) => expect.objectContaining({ name: 'CosmicError', code, field })

const plan: Plan = {
  ...{ version: 1, scenario: 'hooks', seed: 1, signatures: 'stand-in', rounds: 2 },
  nodes: [{ name: 'a' }, { name: 'b' }],
  links: [['b', 'a']],
  disk: { read: [1, 1] },
  actions: [{ at: 0, do: 'publish', node: 'a', count: 2 }],
}

const run = (options: RunOptions) => runPlan(plan, options)
const never = () => new Promise<never>(() => {})

/** What nobody handled while this file ran. */
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

describe('a check of the user', () => {
  const told = async (check: RunOptions['check']) => (await run({ check: check! })).violations

  test('that throws, at once or later, is a violation of its own with what it said', async () => {
    const violation = [expect.objectContaining({ oracle: 'check', message: 'threw Error: no tags' })]
    expect(
      await told(() => {
        throw new Error('no tags')
      }),
    ).toEqual(violation)
    const late = async (world: World) => {
      await world.run(1_000)
      throw new Error('no tags')
    }
    expect(await told(late)).toEqual(violation)
  })

  test('that never answers is given up, whether it waits, lets time go by without end, or forgives that it may not', async () => {
    expect(await told(never)).toEqual([
      expect.objectContaining({ oracle: 'check', message: 'has had no answer for 60000 ms, and 100000 turns more' }),
    ])
    const endless = async (world: World) => {
      for (;;) await world.run(43_200_000)
    }
    const calm = { ...plan, timing: { heartbeat: 3_600_000, audit: 3_600_000 } }
    expect((await runPlan(calm, { check: endless })).violations).toEqual([
      expect.objectContaining({ oracle: 'check', message: expect.stringMatching(/^threw CosmicError: timeout/) }),
    ])
  })

  test('may wait for answers of the world while nobody lets time go by', async () => {
    let held: unknown
    const check = async ({ nodes, published }: World) => {
      held = await nodes.get('b')!.client!.get([...published.keys()][0]!)
    }
    expect(await told(check)).toEqual([])
    expect(held).toMatchObject({ kind: 'embedding' })
  })

  test('that throws lets its plan be made smaller', async () => {
    const check = ({ published }: World) => {
      if (published.size > 0) throw new Error('something was said')
    }
    const small = await shrink(plan, { check, runs: 12 })
    expect(small.violations[0]).toMatchObject({ oracle: 'check' })
    expect(small.plan.actions).toEqual([{ at: 0, do: 'publish', node: 'a', count: 1 }])
    expect(small.plan.nodes).toHaveLength(1)
  })
})

describe('onEvent', () => {
  test.each([
    ['throws at the first event', 1],
    ['throws amid the run', 8],
  ])('that %s ends the run as aborted', async (_, n) => {
    const onEvent: RunOptions['onEvent'] = event => {
      if (event.n >= n) throw new Error('the disk is full')
    }
    await expect(run({ onEvent })).rejects.toEqual(refusal('aborted', 'onEvent'))
    await expect(shrink(plan, { onEvent })).rejects.toMatchObject({ hint: 'it threw Error: the disk is full' })
  })

  test('that throws at the last event, or answers with a promise that is rejected, does too', async () => {
    const { totals } = await run({})
    const last: RunOptions['onEvent'] = event => {
      if (event.n === totals.recorded) throw new Error('late')
    }
    await expect(run({ onEvent: last })).rejects.toEqual(refusal('aborted', 'onEvent'))
    const rejecting = ((event: { n: number }) => (event.n === 5 ? Promise.reject(new Error('x')) : undefined)) as never
    await expect(run({ onEvent: rejecting })).rejects.toEqual(refusal('aborted', 'onEvent'))
  })

  test('may refuse with an error of the same class, which stays as it is', async () => {
    const world = await World.create({
      seed: 1,
      onEvent: () => new Recorder(new Scheduler()).record(7 as never),
    })
    await expect(world.addNode('a')).rejects.toEqual(refusal('bad-type', 'type'))
  })
})

describe('what the user says of a node', () => {
  test.each<[string, unknown, string]>([
    ['is a number', () => 5, 'node'],
    ['is a promise', async () => ({}), 'node'],
    ['has a field of another name', () => ({ validtor: () => null }), 'node.validtor'],
    ['has a signer that is none', () => ({ signer: {} }), 'node.signer'],
    ['makes no validator', () => ({ validator: () => null }), 'validator'],
    ['makes a validator that cannot judge', () => ({ validator: () => ({}) }), 'validator'],
    ['makes no options of a client', () => ({ client: () => undefined }), 'client'],
    ['promises options of a client', () => ({ client: async (options: unknown) => options }), 'client'],
  ])('is refused when it %s', async (_, node, field) => {
    const code = field === 'node.validtor' ? 'unknown-field' : 'bad-type'
    await expect(run({ node: node as NonNullable<RunOptions['node']> })).rejects.toEqual(refusal(code, field))
  })

  test('is refused by a world in the same way', async () => {
    const world = await World.create({ seed: 1, signatures: 'stand-in' })
    const add = (options: unknown) => world.addNode('a', options as NodeOptions)
    await expect(add(Promise.resolve({}))).rejects.toEqual(refusal('bad-type', 'options'))
    await expect(add({ retention: { maxBlocks: -1 } })).rejects.toEqual(refusal('out-of-range', 'retention.maxBlocks'))
    await expect(add({ waiting: 0.5 })).rejects.toEqual(refusal('out-of-range', 'waiting'))
    expect(world.nodes.size).toBe(0)
  })

  test('may be nothing', async () => {
    expect((await run({ node: () => undefined as never })).violations).toEqual([])
  })
})

describe('a world of the user', () => {
  let world: World
  let a: SimulatedNode
  beforeAll(async () => {
    world = await World.create({ seed: 1, signatures: 'stand-in' })
    a = await world.addNode('a')
    await world.addNode('b')
  })

  test.each([
    ['whom it does not have', 'c', 'bad-value'],
    ['itself', 'a', 'bad-value'],
    ['nobody', undefined, 'bad-type'],
    ['no name', 'sim://b', 'bad-value'],
  ])('connects no node to %s, nor parts them', async (_, name, code) => {
    expect(() => a.connect(name as string)).toThrow(refusal(code, 'name'))
    await expect(a.disconnect(name as string)).rejects.toEqual(refusal(code, 'name'))
    expect([...a.wishes]).toEqual([])
  })

  test('takes one node of each name, also when they come at once', async () => {
    const both = await Promise.allSettled([world.addNode('c', {}, false), world.addNode('c', {}, false)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(world.addNode('c')).rejects.toEqual(refusal('bad-value', 'name'))
    await expect(world.addNode(undefined as never)).rejects.toEqual(refusal('bad-type', 'name'))
    await expect(world.addNode('d', {}, 'no' as never)).rejects.toEqual(refusal('bad-type', 'start'))
  })

  test.each<[string, (world: World) => unknown, string, string]>([
    ['waits for nothing but promises', world => world.complete(7 as never), 'bad-type', 'work'],
    ['is violated by an oracle', world => world.violate(undefined as never, 'x'), 'bad-type', 'oracle'],
    ['is violated with a message', world => world.violate('mine', undefined as never), 'bad-type', 'message'],
    ['is violated by an oracle of some name', world => world.violate('', 'x'), 'bad-value', 'oracle'],
    ['is violated with a message that says something', world => world.violate('mine', ''), 'bad-value', 'message'],
    ['records what JSON can say', world => world.record('x', { y: 1n }), 'bad-type', 'details'],
    ['records details that are some', world => world.record('x', null as never), 'bad-type', 'details'],
    ['records types that are texts', world => world.record(7 as never), 'bad-type', 'type'],
    ['records nodes by name', world => world.record('x', { node: 7 }), 'bad-type', 'details.node'],
    ['numbers events itself', world => world.record('x', { n: 7 }), 'bad-value', 'details.n'],
    ['times events itself', world => world.record('x', { at: -1 }), 'bad-value', 'details.at'],
    ['says itself what an event came from', world => world.record('x', { cause: 7 }), 'bad-value', 'details.cause'],
    ['says itself what an event is', world => world.record('x', { type: 'y' }), 'bad-value', 'details.type'],
    ['has lines of some conditions', world => world.network.setConditions(null as never), 'bad-type', 'conditions'],
    ['has interests that are some', () => a.want([{ kind: 7 }] as never), 'bad-value', 'interests[0].kind'],
  ])('%s', async (_, act, code, field) => {
    const { count } = world.recorder
    await expect((async () => act(world))()).rejects.toEqual(refusal(code, field))
    expect(world.recorder.count).toBe(count)
  })
})

test.each<[string, (random: SeededRandom) => unknown, string, string]>([
  ['below nothing', random => random.below(0), 'out-of-range', 'bound'],
  ['below no bound', random => random.below(undefined as never), 'bad-type', 'bound'],
  ['below a text', random => random.below('6' as never), 'bad-type', 'bound'],
  ['between bounds upside down', random => random.between(2, 1), 'out-of-range', 'low'],
  ['between no bounds', random => random.between(undefined as never, 1), 'bad-type', 'low'],
  ['with a chance of more than one', random => random.chance(2), 'out-of-range', 'probability'],
  ['with no chance', random => random.chance(undefined as never), 'bad-type', 'probability'],
  ['from nothing', random => random.pick([]), 'bad-type', 'items'],
  ['from no list', random => random.pick('abc' as never), 'bad-type', 'items'],
  ['an order of no list', random => random.shuffle(null as never), 'bad-type', 'items'],
  ['less than no bytes', random => random.bytes(-1), 'out-of-range', 'length'],
  ['bytes without end', random => random.bytes(Infinity), 'out-of-range', 'length'],
  ['a stream of no name', random => random.fork(undefined as never), 'bad-type', 'name'],
])('seeded randomness refuses to draw %s', (_, draw, code, field) => {
  expect(() => draw(new SeededRandom(1))).toThrow(refusal(code, field))
})

test('lists of a plan have no holes', async () => {
  for (const field of ['nodes', 'links', 'actions'] as const) {
    const list: unknown[] = []
    list.length = 1
    await expect(runPlan({ ...plan, [field]: list })).rejects.toEqual(refusal('bad-type', `${field}[0]`))
  }
})
