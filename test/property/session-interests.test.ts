import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INTERESTS, isWanted, SKETCH_EXTENSION, type Interests } from '../../src/sync/index'
import { envelope, Node, traitsOf } from '../unit/sync/session-harness'
import { checkBounds, happen, stream } from './session-worlds'

const TIME = 1_700_000_000_000

const interest = fc.record(
  {
    tags: fc.constantFrom(['t0'], ['t1'], ['t2'], ['t1', 'odd']),
    kind: fc.constant('embedding'),
    author: fc.constantFrom('did:key:z1', 'did:key:z2'),
    since: fc.constantFrom(TIME + 20, TIME + 60),
    until: fc.constantFrom(TIME + 80, TIME + 150),
  },
  { requiredKeys: [] },
)
const interests: fc.Arbitrary<Interests> = fc.array(interest, { maxLength: 4 })

const count = (max: number) => fc.integer({ min: 0, max })
const scene = fc.record({
  seed: fc.integer(),
  counts: fc.tuple(count(60), count(100), count(100), count(10)),
  wants: fc.tuple(interests, interests),
  changes: fc.array(fc.tuple(fc.boolean(), interests), { maxLength: 5 }),
  room: fc.constantFrom(Infinity, Infinity, 2),
})

test('invariants 4, 5, 10: whatever is wanted, and however that changes, each side has it in the end, and was sent nothing else', () => {
  fc.assert(
    fc.property(scene, ({ seed, counts: [common, left, right, live], wants, changes, room }) => {
      const random = stream(seed)
      const extensions = [SKETCH_EXTENSION, INTERESTS]
      const nodes = [new Node(true, extensions), new Node(false, extensions)] as const
      let n = 0
      const fresh = () => envelope(TIME + random(200), random(12) === 0 ? 10_000 + ++n : ++n)
      for (let i = 0; i < common + left + right; i++) {
        const bytes = fresh()
        nodes.forEach((node, side) => (i < common || i < common + left === (side === 0)) && node.hold(bytes))
      }
      /** All that either side ever wanted. */
      const ever = wants.map(each => [...each])
      const own = nodes.map(({ store }) => new Set(store.keys()))
      nodes.forEach((node, side) => (node.interests = wants[side]!))
      const actions = [
        ...Array.from({ length: live }, () => () => {
          const side = random(2)
          nodes[side]!.publish(fresh())
          own[side]!.add([...nodes[side]!.store.keys()].at(-1)!)
        }),
        ...changes.map(([first, next]) => () => {
          const side = first ? 0 : 1
          ever[side]!.push(...next)
          nodes[side].want(next)
        }),
      ]
      nodes.forEach(node => {
        node.room = room
        node.open()
      })
      while (happen(nodes, random, actions)) nodes.forEach(checkBounds)
      nodes.forEach((node, side) => {
        expect([node.closed, node.status().phase]).toEqual([undefined, 'live'])
        const other = nodes[1 - side]!
        for (const [id, bytes] of other.store)
          if (isWanted(traitsOf(bytes), node.interests)) expect([side, node.store.has(id)]).toEqual([side, true])
        for (const [id, bytes] of node.store)
          if (!own[side]!.has(id)) expect([side, isWanted(traitsOf(bytes), ever[side]!)]).toEqual([side, true])
      })
    }),
    { numRuns: 50 },
  )
})
