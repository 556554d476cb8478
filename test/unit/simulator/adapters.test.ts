import { describe, expect, test } from 'vitest'
import {
  type NodeOptions,
  type Plan,
  PLAN_VERSION,
  planOf,
  runPlan,
  World,
  type WorldOptions,
} from '../../../src/simulator/index'
import type { BatchOperation, Entry, KeyValueStorage, RangeOptions } from '../../../src/store/index'

const SECOND = 1_000
const plan: Plan = {
  version: PLAN_VERSION,
  scenario: 'adapters',
  seed: 1,
  signatures: 'stand-in',
  nodes: [{ name: 'a' }, { name: 'b' }],
  links: [['b', 'a']],
  actions: [
    { at: SECOND, do: 'publish', node: 'a', count: 5 },
    { at: 2 * SECOND, do: 'publish', node: 'b', count: 5 },
    { at: 9 * SECOND, do: 'retract', node: 'a', count: 2 },
  ],
  rounds: 2,
}

type Adapter = (storage: KeyValueStorage) => KeyValueStorage

const over = (adapter: Adapter): NodeOptions => ({
  client: options => ({ ...options, storage: adapter(options.storage) }),
})

const plainly = (storage: KeyValueStorage): KeyValueStorage => ({
  get: (...call) => storage.get(...call),
  getMany: (...call) => storage.getMany(...call),
  batch: (...call) => storage.batch(...call),
  range: options => storage.range(options),
  close: () => storage.close(),
})

/** Nothing on the disk can be read without it, and each disk is another. */
const encrypting =
  (secret: number): Adapter =>
  storage => {
    const turned = (value: Uint8Array) => value.map(byte => byte ^ secret)
    const operation = (given: BatchOperation): BatchOperation =>
      given.type === 'put' ? { ...given, value: turned(given.value) } : given
    const getMany: KeyValueStorage['getMany'] = async (...call) =>
      (await storage.getMany(...call)).map(value => value && turned(value))
    return {
      ...plainly(storage),
      getMany,
      get: async (key, options) => (await getMany([key], options))[0],
      batch: (operations, options) => storage.batch(operations.map(operation), options),
      async *range(options) {
        for await (const [key, value] of storage.range(options)) yield [key, turned(value)]
      },
    }
  }

/** Reads ranges otherwise than it is asked to. */
const ranging =
  (change: (options: RangeOptions) => RangeOptions): Adapter =>
  storage => ({ ...plainly(storage), range: (options = {}) => storage.range(change(options)) })

async function oraclesOf(adapter: Adapter): Promise<string[]> {
  const { violations } = await runPlan(plan, { node: () => over(adapter) })
  return [...new Set(violations.map(({ oracle }) => oracle))]
}

describe('an adapter that changes what it writes, and is right, passes', () => {
  const secrets = new Map<string, number>()
  const node = (name: string) => {
    if (!secrets.has(name)) secrets.set(name, 0x51 + secrets.size)
    return over(encrypting(secrets.get(name)!))
  }

  test('where nothing happens', async () => {
    expect((await runPlan(plan, { node })).violations).toEqual([])
  })

  test.each(['crash-at-any-write', 'rotten-disks', 'a-relay-restored-from-backup'])('in %s', async scenario => {
    const { violations } = await runPlan({ ...planOf(scenario, 1), signatures: 'stand-in' }, { node })
    expect(violations).toEqual([])
  })
})

const next = (key: Uint8Array) => Uint8Array.of(...key, 0)

test.each<readonly [string, (options: RangeOptions) => RangeOptions]>([
  ['the direction', ({ reverse: _, ...options }) => options],
  ['the limit', ({ limit: _, ...options }) => options],
  ['that the upper bound is left out', ({ lt, ...options }) => ({ ...options, ...(lt && { lt: next(lt) }) })],
  ['that the lower bound is taken in', ({ gte, ...options }) => ({ ...options, ...(gte && { gte: next(gte) }) })],
  ['the lower bound, backwards', options => (options.reverse ? { ...options, gte: Uint8Array.of(0) } : options)],
])('ranges that ignore %s are found out', async (_, change) => {
  expect(await oraclesOf(ranging(change))).toContain('storage')
})

test('ranges that begin one too far are found out where they are asked backwards only', async () => {
  const skipping: Adapter = storage => ({
    ...plainly(storage),
    async *range(options = {}): AsyncGenerator<Entry> {
      let n = 0
      for await (const entry of storage.range(options)) if (n++ > 0 || !options.reverse) yield entry
    },
  })
  expect(await oraclesOf(skipping)).toContain('storage')
})

describe('an adapter is found out', () => {
  const nameOf = (key: Uint8Array) => String(key)
  /** Remembers whatever it was given or read; what was deleted, too. */
  const remembering: Adapter = storage => {
    const known = new Map<string, Uint8Array | undefined>()
    const getMany: KeyValueStorage['getMany'] = async keys => {
      for (const key of keys) if (!known.has(nameOf(key))) known.set(nameOf(key), (await storage.getMany([key]))[0])
      return keys.map(key => known.get(nameOf(key))?.slice())
    }
    const batch: KeyValueStorage['batch'] = async (operations, options) => {
      await storage.batch(operations, options)
      for (const operation of operations)
        if (operation.type === 'put') known.set(nameOf(operation.key), operation.value.slice())
    }
    return { ...plainly(storage), batch, getMany, get: async key => (await getMany([key]))[0] }
  }
  const answeringOnce: Adapter = storage => ({
    ...plainly(storage),
    getMany: keys => storage.getMany([...new Map(keys.map(key => [nameOf(key), key])).values()]),
  })
  const circling: Adapter = storage => ({
    ...plainly(storage),
    async *range(options): AsyncGenerator<Entry> {
      let last: Entry | undefined
      for await (const entry of storage.range(options)) yield (last = entry)
      while (last) yield last
    },
  })

  test('that shows what was deleted for as long as it runs', async () => {
    const { violations } = await runPlan(
      { ...planOf('second-thoughts', 1), signatures: 'stand-in' },
      {
        node: () => over(remembering),
      },
    )
    expect(violations.map(({ oracle }) => oracle)).toContain('storage')
  })

  test.each<readonly [string, Adapter, string]>([
    ['that answers keys which are asked for twice once', answeringOnce, 'getMany'],
    ['whose end waits for nothing', storage => ({ ...plainly(storage), close: async () => {} }), 'close()'],
    ['whose ranges go in circles', circling, 'is out of order'],
  ])('%s', async (_, adapter, message) => {
    const { violations } = await runPlan(plan, { node: () => over(adapter) })
    expect(violations.find(({ oracle }) => oracle === 'storage')?.message).toContain(message)
  })
})

test('an adapter that says to have compacted what it has not is found out, one that has passes', async () => {
  const leaving = { ...planOf('second-thoughts', 5), signatures: 'stand-in' } as const
  expect(leaving.disk).toEqual({ leftovers: true })
  const passed: Adapter = storage => ({ ...plainly(storage), compact: (...call) => storage.compact!(...call) })
  expect((await runPlan(leaving, { node: () => over(passed) })).violations).toEqual([])
  const idle: Adapter = storage => ({ ...plainly(storage), compact: async () => true })
  const { violations } = await runPlan(leaving, { node: () => over(idle) })
  expect(violations[0]).toMatchObject({ oracle: 'erased', message: expect.stringContaining('were not cleared') })
})

test('an adapter finds the storage of a node with a quota of its own', async () => {
  const quota = { ...plan, nodes: plan.nodes.map(node => ({ ...node, waiting: 30 })) }
  expect((await runPlan(quota, { node: () => over(plainly) })).violations).toEqual([])
  const forgetful = over(ranging(({ limit: _, ...options }) => options))
  const { violations } = await runPlan(quota, { node: () => forgetful })
  expect(violations.map(({ oracle }) => oracle)).toContain('storage')
})

describe('a world of one’s own', () => {
  const options: WorldOptions = { seed: 1, signatures: 'stand-in' }

  async function worldOf(b: NodeOptions = {}): Promise<World> {
    const world = await World.create(options)
    const nodes = [await world.addNode('a'), await world.addNode('b', b)]
    nodes[1]!.connect('a')
    for (const node of nodes) await world.complete(node.publish())
    return world
  }

  test('is asked everything at its end, and closed', async () => {
    const world = await worldOf()
    expect(await world.check()).toEqual([])
    expect([...world.nodes.values()].map(({ life }) => life)).toEqual([undefined, undefined])
  })

  test('shows what only the end shows', async () => {
    expect((await (await worldOf(over(ranging(({ limit: _, ...rest }) => rest)))).check())[0]?.oracle).toBe('storage')
    const alone = await worldOf({ client: given => ({ ...given, transports: [] }) })
    expect((await alone.check({ rounds: 0 })).map(({ oracle }) => oracle)).toContain('convergence')
  })

  test.each([{ rounds: -1 }, { rounds: 0.5 }, { turns: 1 }, 5])('refuses %j', async given => {
    const world = await World.create(options)
    await expect(world.check(given as never)).rejects.toMatchObject({ name: 'CosmicError' })
    await world.close()
  })
})
