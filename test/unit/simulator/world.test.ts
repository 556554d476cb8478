import { describe, expect, test } from 'vitest'
import { EventQueue } from '../../../src/simulator/event-queue'
import {
  type Plan,
  planOf,
  readRecording,
  RecordingWriter,
  runPlan,
  SeededRandom,
  shrink,
  simulate,
  World,
} from '../../../src/simulator/index'
import { Scheduler } from '../../../src/simulator/scheduler'

describe('virtual time', () => {
  test('events happen in the order of time, then of scheduling, whatever was cancelled', () => {
    const random = new SeededRandom(3)
    const queue = new EventQueue()
    const events = Array.from({ length: 2_000 }, (_, order) => ({
      at: random.below(50),
      order,
      cause: 0,
      callback: () => {},
    }))
    events.forEach(event => queue.push(event))
    const cancelled = new Set(events.filter(() => random.chance(0.7)))
    cancelled.forEach(event => queue.cancel(event))
    const left = events.filter(event => !cancelled.has(event)).sort((a, b) => a.at - b.at || a.order - b.order)
    expect(queue.size).toBe(left.length)
    const taken = []
    for (let next = queue.pop(); next; next = queue.pop()) taken.push(next)
    expect(taken.map(({ order }) => order)).toEqual(left.map(({ order }) => order))
  })

  test('to cancel what has happened, or twice, changes nothing of what waits', async () => {
    const scheduler = new Scheduler()
    const cancels = Array.from({ length: 200 }, (_, i) => scheduler.schedule(() => {}, i < 150 ? 1 : 100))
    await scheduler.runUntil(10)
    for (const cancel of [...cancels.slice(0, 160), ...cancels.slice(0, 160)]) cancel()
    expect(scheduler.pending).toBe(40)
    await scheduler.runUntil(100)
    expect([scheduler.pending, scheduler.count]).toEqual([0, 190])
  })

  test('every microtask of an event runs before the next event (invariant 2)', async () => {
    const scheduler = new Scheduler()
    const seen: string[] = []
    const slow = async () => {
      for (let i = 0; i < 1_000; i++) await Promise.resolve()
      seen.push('first')
    }
    scheduler.schedule(() => void slow(), 5)
    scheduler.schedule(() => seen.push('second'), 5)
    await scheduler.runUntil(10)
    expect([seen, scheduler.now]).toEqual([['first', 'second'], 10])
  })

  test('a promise of the world that does not settle is a timeout', async () => {
    await expect(new Scheduler().complete(new Promise(() => {}), 1_000)).rejects.toMatchObject({ code: 'timeout' })
  })
})

test('streams of one seed are equal and independent of what is drawn from others', () => {
  const [one, other] = [new SeededRandom(5), new SeededRandom(5)]
  one.below(10)
  expect(one.fork('a').bytes(9)).toEqual(other.fork('a').bytes(9))
  expect(one.fork('a').bytes(9)).not.toEqual(one.fork('b').bytes(9))
  expect(Array.from({ length: 1_000 }, () => other.below(7)).every(n => n >= 0 && n < 7)).toBe(true)
})

test('two nodes share a block, and leave nothing behind', async () => {
  const world = await World.create({ seed: 1 })
  const alice = await world.addNode('alice')
  const bob = await world.addNode('bob')
  bob.connect('alice')
  const block = await world.complete(alice.publish())
  await world.run(10_000)
  expect((await world.complete(bob.client!.get(block!.id)))?.id).toBe(block!.id)
  await world.close()
  expect(world.violations).toEqual([])
})

describe('a run', () => {
  test.each(['random', 'siege', 'crash-at-any-write'])('%s replays exactly', async scenario => {
    const [one, other] = [await simulate({ scenario, seed: 3 }), await simulate({ scenario, seed: 3 })]
    expect(one.digest).toBe(other.digest)
    expect(one.totals).toEqual(other.totals)
  })

  test('another seed is another run', async () => {
    const run = (seed: number) => simulate({ scenario: 'two-laptops-on-a-train', seed, signatures: 'stand-in' })
    expect((await run(3)).digest).not.toBe((await run(4)).digest)
  })

  test('is recorded as lines that are read back, and replays from them', async () => {
    const lines: string[] = []
    const plan = planOf('one-way-street', 2)
    const writer = new RecordingWriter(plan, line => lines.push(line))
    const report = await runPlan(plan, { onEvent: event => writer.event(event) })
    writer.end(report)
    const recording = readRecording(lines.join('\n'))
    expect(recording.events).toHaveLength(report.totals.recorded)
    expect(recording.events.every(({ n, cause }, i) => n === i + 1 && cause < n)).toBe(true)
    expect(recording.end?.digest).toBe(report.digest)
    expect((await runPlan(recording.plan)).digest).toBe(report.digest)
  })

  test('that fails is made smaller, and fails still', async () => {
    const plan: Plan = { ...planOf('two-laptops-on-a-train', 1), signatures: 'stand-in' }
    const check = (world: World) => {
      const writers = [...world.nodes.values()].filter(({ work }) => work.published > 0)
      if (writers.length > 1) world.violate('budget', 'two nodes have written')
    }
    const small = await shrink(plan, { check, runs: 60 })
    expect(small.violations[0]).toMatchObject({ oracle: 'budget' })
    expect(small.plan.actions.length).toBeLessThanOrEqual(4)
    expect(small.plan.actions.length).toBeLessThan(plan.actions.length)
  })
})

/** Plans of which each oracle must leave what it needs. */
describe('what is made smaller', () => {
  const base: Plan = {
    ...{ version: 1, scenario: 'clones', seed: 1, signatures: 'stand-in', rounds: 1 },
    nodes: [
      { name: 'a' },
      { name: 'b', identity: 'a' },
      { name: 'c', identity: 'b', later: true },
      { name: 'd' },
      { name: 'e' },
    ],
    links: [
      ['d', 'c'],
      ['e', 'd'],
      ['b', 'e'],
    ],
    actions: [
      { at: 100, do: 'publish', node: 'd', count: 2 },
      { at: 200, do: 'clone', from: 'a', to: 'c' },
      { at: 300, do: 'partition', groups: [['a', 'c'], ['d']] },
    ],
    hostiles: [{ name: 'x', attack: 'noise', targets: ['c', 'd'] }],
  }

  test('loses with a key all machines that have it, and all that names them', async () => {
    const check = (world: World) => {
      if (world.nodes.has('d') && world.nodes.size > 1) world.violate('budget', 'd is not alone')
    }
    const { plan, violations } = await shrink(base, { check, runs: 60 })
    expect(violations[0]).toMatchObject({ oracle: 'budget' })
    expect(plan.nodes.map(({ name }) => name)).toEqual(['d', 'e'])
    expect(JSON.stringify([plan.links, plan.actions, plan.hostiles])).not.toMatch(/"[abc]"/)
  })

  test('is another failure when it cannot be carried out', async () => {
    const check = (world: World) => {
      if (!world.nodes.has('e')) throw new Error('it takes five')
      world.violate('budget', 'always')
    }
    const { plan } = await shrink(base, { check, runs: 60 })
    expect(plan.nodes.map(({ name }) => name)).toEqual(['e'])
  })
})
