import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attempt } from '../../src/base/index'
import { checkPlan } from '../../src/simulator/check-plan'
import { type Action, type Plan, PLAN_LIMITS, runPlan } from '../../src/simulator/index'

const { line, disk } = PLAN_LIMITS

/** Three in a row, who write, withdraw and crash. */
const plan = (more: Partial<Plan>): Plan => ({
  ...{ version: 1, scenario: 'limits', seed: 1, signatures: 'stand-in', rounds: 5 },
  nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  links: [
    ['b', 'a'],
    ['c', 'b'],
  ],
  actions: [
    { at: 0, do: 'publish', node: 'a', count: 5, bytes: 1_000 },
    { at: 1_000, do: 'publish', node: 'c', count: 5 },
    { at: 20_000, do: 'retract', node: 'a', count: 2 },
    { at: 30_000, do: 'crash', node: 'b' },
    { at: 31_000, do: 'start', node: 'b' },
    { at: 40_000, do: 'publish', node: 'b', count: 5 },
  ],
  ...more,
})

/** Each limit by its field, as a plan that has the value. */
const LIMITS: readonly (readonly [field: string, limit: number, beyond: number, (value: number) => Partial<Plan>])[] = [
  ['conditions.latency[1]', line.latency, 1, value => ({ conditions: { latency: [line.latency - 1, value] } })],
  ['conditions.tail', line.tail, 1, tail => ({ conditions: { tail } })],
  ['conditions.bandwidth', line.bandwidth, -1, bandwidth => ({ conditions: { bandwidth } })],
  ['conditions.loss', line.loss, 0.01, loss => ({ conditions: { loss } })],
  ['conditions.dialFailure', line.dialFailure, 0.01, dialFailure => ({ conditions: { dialFailure } })],
  ['disk.read[1]', disk.read, 1, value => ({ disk: { read: [disk.read - 1, value] } })],
  ['disk.write[1]', disk.write, 1, value => ({ disk: { write: [disk.write - 1, value] } })],
]

describe('honest nodes are found to do what they must', () => {
  test.each(LIMITS)('at the limit of %s (%d), and just inside; beyond it a plan is refused', async (...args) => {
    const [field, limit, beyond, make] = args
    for (const value of [limit, limit - beyond])
      expect((await runPlan(plan(make(value)))).violations, `${field} = ${value}`).toEqual([])
    const refusal = expect.objectContaining({ code: 'out-of-range', field })
    expect(() => checkPlan(plan(make(limit + beyond)))).toThrow(refusal)
  })

  test.each<[string, string, Partial<Plan>]>([
    ['timing.greeting', '8000 or more', { timing: { greeting: 7_999 }, conditions: { latency: [1_000, 1_000] } }],
    ['timing.heartbeat', '1000 or more', { timing: { heartbeat: 999 }, conditions: { tail: 5_000 } }],
    ['timing.stall', '5000 or more', { timing: { stall: 4_999 }, conditions: { tail: 5_000 } }],
    ['timing.audit', '20000 or more', { timing: { audit: 19_999 }, conditions: { latency: [0, 1_000] } }],
    ['rounds', '12 or more', { actions: [heap(500, 30_000)], rounds: 11, conditions: { bandwidth: 40 } }],
    ['disk.read', '165', { actions: [heap(2_000, 0)], disk: { read: [0, 200] } }],
  ])('where they have the time: %s is at least what lines, disks and blocks take', async (field, limit, more) => {
    expect(() => checkPlan(plan(more))).toThrow(expect.objectContaining({ code: 'out-of-range', field }))
    const needed = attempt(() => checkPlan(plan(more)))
    expect(String(needed.ok || needed.error.limit)).toBe(limit)
  })

  test('at several limits at once, in every plan that is not refused', async () => {
    const atOrBelow = <T>(...values: readonly T[]) => fc.constantFrom(...values)
    const conditions = fc.record({
      latency: atOrBelow<[number, number]>([line.latency, line.latency], [0, line.latency], [1, 20]),
      tail: atOrBelow(line.tail, 0),
      bandwidth: atOrBelow(line.bandwidth, 200),
      loss: atOrBelow(line.loss, 0.01),
      dialFailure: atOrBelow(line.dialFailure, 0),
    })
    const disks = fc.record({
      read: atOrBelow<[number, number]>([disk.read, disk.read], [0, 50]),
      write: atOrBelow<[number, number]>([disk.write, disk.write], [0, 50]),
    })
    const timing = fc.record(
      {
        greeting: atOrBelow(8_000, 10_000, 12_000),
        heartbeat: atOrBelow(1_000, 4_000),
        stall: atOrBelow(5_000, 14_000),
        audit: atOrBelow(20_000, 25_000, 60_000),
      },
      { requiredKeys: [] },
    )
    const plans = fc
      .record({ seed: fc.nat(1_000), conditions, disk: disks, timing })
      .map(plan)
      .filter(made => attempt(() => checkPlan(made)).ok)
    await fc.assert(
      fc.asyncProperty(plans, async made => {
        expect((await runPlan(made)).violations).toEqual([])
      }),
      { numRuns: 8, seed: 7 },
    )
  }, 60_000)
})

function heap(count: number, bytes: number): Action {
  return { at: 0, do: 'publish', node: 'a', count, bytes }
}
