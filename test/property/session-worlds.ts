import fc from 'fast-check'
import { expect } from 'vitest'
import { SESSION_LIMITS, sessionStatus } from '../../src/sync/index'
import { envelope, Node } from '../unit/sync/session-harness'

/** A seeded stream of numbers below `n`. */
export function stream(seed: number): (n: number) => number {
  let state = seed >>> 0
  return n => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return (state >>> 8) % n
  }
}

/** What invariants 4 and 5 bound. */
export function checkBounds(node: Node): void {
  const { state } = node
  expect(state.inFlight.size).toBeLessThanOrEqual(SESSION_LIMITS.inFlight)
  expect(state.wanted.size + state.loading.length).toBeLessThanOrEqual(SESSION_LIMITS.inFlight)
  expect(sessionStatus(state).have).toBeLessThanOrEqual(SESSION_LIMITS.have)
  expect(node.trees.size).toBeLessThanOrEqual(2 * SESSION_LIMITS.collections + 4)
  const held = [...state.batches.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  expect(held).toBeLessThanOrEqual(SESSION_LIMITS.window)
  expect(Math.min(state.grantedBytes, state.grantedItems, state.creditBytes, state.creditItems)).toBeGreaterThanOrEqual(
    0,
  )
}

/** Two nodes, what they hold, and what is published meanwhile. */
export interface Scene {
  readonly seed: number
  readonly common: number
  readonly left: number
  readonly right: number
  readonly live: number
  readonly size: number
}

export const scene: fc.Arbitrary<Scene> = fc.record({
  seed: fc.integer(),
  common: fc.integer({ min: 0, max: 150 }),
  left: fc.integer({ min: 0, max: 200 }),
  right: fc.integer({ min: 0, max: 200 }),
  live: fc.integer({ min: 0, max: 20 }),
  size: fc.constantFrom(40, 2_000, 60_000),
})

export function setUp({ seed, common, left, right, size }: Scene) {
  const random = stream(seed)
  const nodes = [new Node(true), new Node(false)] as const
  let n = 0
  const fresh = () => envelope(1_700_000_000_000 + random(200), ++n, random(4) === 0 ? size : 40)
  for (let i = 0; i < common; i++) {
    const bytes = fresh()
    for (const node of nodes) node.hold(bytes)
  }
  for (let i = 0; i < left; i++) nodes[0].hold(fresh())
  for (let i = 0; i < right; i++) nodes[1].hold(fresh())
  return { nodes, random, fresh }
}

/** Lets one randomly chosen thing happen: a message arrives, a load or an ingest ends, a block is published, an audit is asked for. */
export function happen(nodes: readonly [Node, Node], random: (n: number) => number, live: (() => void)[]): boolean {
  const choices: (() => void)[] = []
  for (const [from, to] of [nodes, [nodes[1], nodes[0]]] as const) {
    if (from.outbox.length > 0) choices.push(() => to.do({ type: 'message', bytes: from.outbox.shift()! }))
    if (from.tasks.length > 0) choices.push(() => from.work())
  }
  if (live.length > 0 && (choices.length === 0 || random(8) === 0)) choices.push(live.pop()!)
  choices[random(Math.max(1, choices.length))]?.()
  return choices.length > 0
}
