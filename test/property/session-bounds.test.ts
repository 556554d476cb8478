import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Node, timeOf } from '../unit/sync/session-harness'
import { checkBounds, happen, scene, setUp } from './session-worlds'

/** Bounds as they may be told. */
function boundsAt(given: { floor: number; ceiling: number }, at: (offset: number) => number) {
  return { floor: at(given.floor), ceiling: at(Math.max(given.floor, given.ceiling)) }
}

test('two sessions compare what lies between the higher floor and the lower ceiling, and hold the same of it (invariant 8)', () => {
  const bounds = fc.record({ floor: fc.nat(120), ceiling: fc.integer({ min: 80, max: 200 }) })
  fc.assert(
    fc.property(scene, fc.tuple(bounds, bounds), fc.nat(150), (scene, given, raised) => {
      const { nodes, random, fresh } = setUp(scene)
      const at = (offset: number) => 1_700_000_000_000 + offset
      for (const [i, node] of nodes.entries()) node.bounds = boundsAt(given[i]!, at)
      const live = Array.from({ length: scene.live }, (_, i) => () => {
        if (i === 3) nodes[1].raise(at(raised))
        else nodes[random(2)]!.publish(fresh())
      })
      for (const node of nodes) node.open()
      while (happen(nodes, random, live)) for (const node of nodes) checkBounds(node)
      nodes[0].do({ type: 'audit' })
      while (happen(nodes, random, [])) for (const node of nodes) checkBounds(node)
      const [left, right] = nodes
      const floor = Math.max(left.bounds.floor, right.bounds.floor)
      const ceiling = Math.min(left.bounds.ceiling, right.bounds.ceiling)
      const within = (node: Node) =>
        [...node.store].filter(([, bytes]) => timeOf(bytes) >= floor && timeOf(bytes) <= ceiling).map(([id]) => id)
      expect(within(left).sort()).toEqual(within(right).sort())
      for (const node of nodes) expect(node.status()).toMatchObject({ phase: 'live', faults: 0, have: 0, need: 0 })
    }),
    { numRuns: 40, endOnFailure: true },
  )
})
