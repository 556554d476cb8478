import { describe, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import type { SyncClientOptions } from '../../../src/client/index'
import { type NodeOptions, type Plan, PLAN_VERSION, planOf, runPlan, World } from '../../../src/simulator/index'
import { Signer } from '../../../src/signer/index'
import type { KeyValueStorage } from '../../../src/store/index'

const SECOND = 1_000

const plan: Plan = {
  version: PLAN_VERSION,
  scenario: 'broken-parts',
  seed: 1,
  signatures: 'stand-in',
  nodes: [{ name: 'a' }, { name: 'b' }],
  links: [['b', 'a']],
  actions: [
    { at: 2 * SECOND, do: 'publish', node: 'a', count: 3 },
    { at: 14 * SECOND, do: 'crash', node: 'b' },
    ...[6, 8, 10].map(second => ({ at: second * SECOND, do: 'publish', node: 'a', count: 1 }) as const),
  ],
  rounds: 2,
}

/** What the oracles say of a plan in which one node differs. */
async function oraclesOf(b: NodeOptions, more: Partial<Plan> = {}): Promise<{ oracles: string[]; first: string }> {
  const { violations } = await runPlan({ ...plan, ...more }, { node: name => (name === 'b' ? b : {}) })
  return { oracles: [...new Set(violations.map(({ oracle }) => oracle))], first: violations[0]?.message ?? '' }
}

const over = (change: (storage: KeyValueStorage) => Partial<KeyValueStorage>): NodeOptions => ({
  client(options): SyncClientOptions {
    const storage = options.storage as KeyValueStorage
    const methods: KeyValueStorage = {
      get: (...call) => storage.get(...call),
      getMany: (...call) => storage.getMany(...call),
      batch: (...call) => storage.batch(...call),
      range: options => storage.range(options),
      close: () => storage.close(),
    }
    return { ...options, storage: { ...methods, ...change(storage) } }
  },
})

const refusal = () => Promise.reject(new CosmicError({ code: 'storage', message: 'no luck today' }))
const silence = () => new Promise<never>(() => {})

/** `batch` of a storage that goes wrong from its n-th call on. */
const from =
  (n: number, wrong: () => Promise<void>): ((storage: KeyValueStorage) => Partial<KeyValueStorage>) =>
  storage => {
    let calls = 0
    return { batch: (...call) => (++calls < n ? storage.batch(...call) : wrong()) }
  }

test('sound parts violate nothing', async () => {
  expect(await oraclesOf(over(() => ({})))).toEqual({ oracles: [], first: '' })
})

describe('a storage adapter', () => {
  test.each([1, 3])('that refuses every write from number %i on is named as the cause', async n => {
    const { oracles, first } = await oraclesOf(over(from(n, refusal)))
    expect(oracles).toContain('no-crash')
    expect(first).toContain('no luck today')
  })

  test('that refuses every write keeps its node from running', async () => {
    expect((await oraclesOf(over(from(1, refusal)))).oracles).toContain('running')
  })

  test.each([1, 2, 3])('that drops every write from number %i on is found out', async n => {
    expect((await oraclesOf(over(from(n, async () => {})))).oracles).not.toEqual([])
  })

  test.each([1, 3])('that never answers a write from number %i on leaves calls without an answer', async n => {
    const { oracles } = await oraclesOf(over(from(n, silence)), {
      actions: [{ at: SECOND, do: 'publish', node: 'b', count: 1 }],
    })
    expect(oracles).toContain('answers')
  })

  const lacking: ReturnType<typeof over>[] = [
    over(storage => ({
      async *range(options) {
        let last: readonly [Uint8Array, Uint8Array] | undefined
        for await (const entry of storage.range(options)) {
          if (last) yield last
          last = entry
        }
      },
    })),
    over(storage => {
      const known = new Map<string, Promise<Uint8Array | undefined>>()
      const get: KeyValueStorage['get'] = key => {
        const name = String(key)
        if (!known.has(name)) known.set(name, storage.get(key))
        return known.get(name)!
      }
      return { get, getMany: keys => Promise.all(keys.map(key => get(key))) }
    }),
  ]

  test.each([
    ['leaves out the last of a range', 0],
    ['answers what it answered before', 1],
  ])('that %s is found out', async (_, n) => {
    expect((await oraclesOf(lacking[n]!)).oracles).not.toEqual([])
  })

  test('that fails to read is named as the cause', async () => {
    const { oracles, first } = await oraclesOf(over(() => ({ getMany: refusal })))
    expect(oracles).toContain('no-crash')
    expect(first).toContain('no luck today')
  })
})

test.each(['atomicity', 'durability'] as const)('an adapter whose %s crashes break is found out', async breaks => {
  const found: string[] = []
  for (let seed = 0; seed < 4; seed++) {
    const crashing = { ...planOf('crash-at-any-write', seed), signatures: 'stand-in' } as const
    expect((await runPlan(crashing)).violations).toEqual([])
    const { violations } = await runPlan({ ...crashing, disk: { ...crashing.disk, breaks } })
    found.push(...violations.map(({ oracle }) => oracle))
  }
  // What a torn batch does depends on what it was; lost ones are missed as what they are.
  if (breaks === 'durability') expect(found).toContain('durable')
  expect(found).not.toEqual([])
})

test('a disk that does fail is forgiven, as long as it does', async () => {
  const failing = { at: SECOND, do: 'disk', node: 'b', conditions: { failure: 1 } } as const
  const publishing = { at: 2 * SECOND, do: 'publish', node: 'b', count: 3 } as const
  expect(await oraclesOf({}, { actions: [failing, publishing] })).toEqual({ oracles: [], first: '' })
})

describe('a validator', () => {
  const judging = (validate: () => Promise<never>): NodeOptions => ({ validator: () => ({ validate }) })

  test('that never settles is found out, of what is published and of what comes', async () => {
    for (const node of ['a', 'b']) {
      const actions = [{ at: SECOND, do: 'publish', node, count: 1 }] as const
      const { oracles } = await oraclesOf(judging(silence), { actions })
      expect(oracles).toContain(node === 'b' ? 'answers' : 'convergence')
    }
  })

  test('that throws is named as the cause, whatever it throws', async () => {
    for (const error of [new TypeError('a slip'), new CosmicError({ code: 'aborted', message: 'a slip' })]) {
      const { oracles, first } = await oraclesOf(
        judging(() => Promise.reject(error)),
        { rounds: 0 },
      )
      expect(oracles).toContain('no-crash')
      expect(first).toContain('a slip')
    }
  })
})

/** What the oracles say when both nodes differ in the same way. */
async function oraclesOfBoth(node: (name: string) => NodeOptions, more: Partial<Plan> = {}) {
  const { violations } = await runPlan({ ...plan, ...more }, { node })
  return violations.map(({ oracle, message, node }) => `${oracle} ${node}: ${message}`)
}

test('signers that never answer, at every node, leave calls without an answer', async () => {
  const mute = async (seed: number): Promise<NodeOptions> => {
    const { did, publicKey } = await Signer.fromSeed(new Uint8Array(32).fill(seed))
    return { signer: { did, publicKey, sign: silence } }
  }
  const [a, b] = [await mute(1), await mute(2)]
  const found = await oraclesOfBoth(name => (name === 'a' ? a : b))
  expect(found).toContainEqual(expect.stringMatching(/^answers a: sign has had no answer/))
})

test('what a signer throws is for the caller, and no call without an answer', async () => {
  const world = await World.create({ seed: 1, signatures: 'stand-in' })
  const a = await world.addNode('a')
  await expect(world.complete(a.publish({ tags: [''] }))).rejects.toMatchObject({ code: 'bad-value' })
  await world.close()
  expect(world.violations).toEqual([])
})

describe('two nodes that should have met', () => {
  const offline: NodeOptions = { client: options => ({ ...options, transports: [] }) }

  test('and have no way to each other are found out, though nothing was published', async () => {
    expect(await oraclesOfBoth(() => offline, { actions: [] })).toEqual([
      'at-rest b: there is no session with a, whom it should know',
    ])
  })

  test('are none once their user has disconnected them', async () => {
    const actions = [{ at: SECOND, do: 'disconnect', from: 'b', to: 'a' }] as const
    expect(await oraclesOfBoth(() => ({}), { actions })).toEqual([])
    expect(await oraclesOfBoth(() => offline, { actions })).toEqual([])
  })
})

test('a client that never closes is a violation of the world, which closes all the same', async () => {
  const world = await World.create({ seed: 1, signatures: 'stand-in' })
  await world.addNode(
    'a',
    over(() => ({ close: silence })),
  )
  await world.close()
  expect(world.violations.map(({ oracle }) => oracle)).toEqual(['answers'])
  expect(world.violations[0]!.message).toContain('close has had no answer')
})
