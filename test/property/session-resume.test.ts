import fc from 'fast-check'
import { expect, test } from 'vitest'
import { envelope, Node, run } from '../unit/sync/session-harness'
import { checkBounds } from './session-worlds'

/** What happens to two nodes between and during their sessions. */
type Deed =
  | { readonly do: 'publish'; readonly side: 0 | 1; readonly count: number }
  | { readonly do: 'meet' }
  /** A session that is cut after so many exchanges. */
  | { readonly do: 'brush'; readonly exchanges: number; readonly live: number }
  /** A node keeps a backup, or is made what it was then. */
  | { readonly do: 'keep' | 'restore' | 'wipe'; readonly side: 0 | 1 }

const side = fc.constantFrom<0 | 1>(0, 1)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('publish' as const), side, count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('meet' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('brush' as const), exchanges: fc.nat(40), live: fc.nat(5) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('keep' as const, 'restore' as const, 'wipe' as const), side }),
  },
)

class World {
  readonly nodes = [new Node(true, ['resume']), new Node(false, ['resume'])] as const
  readonly #images = new Map<
    0 | 1,
    { blocks: readonly Uint8Array[]; epoch: number; remembered: Uint8Array | undefined }
  >()
  #made = 0
  #wiped = 0

  carryOut(deed: Deed): void {
    if (deed.do === 'publish') for (let i = 0; i < deed.count; i++) this.nodes[deed.side].publish(this.#fresh())
    else if (deed.do === 'meet') this.meet()
    else if (deed.do === 'brush') this.#brush(deed.exchanges, deed.live)
    else this.#treat(deed.do, deed.side)
  }

  /** A session that comes to rest: both hold the same, as far as either ever did. */
  meet(): void {
    for (const node of this.nodes) node.open()
    run(...this.nodes)
    const [left, right] = this.nodes
    expect([...left.store.keys()].sort()).toEqual([...right.store.keys()].sort())
    for (const node of this.nodes) {
      expect(node.closed).toBeUndefined()
      expect(node.status()).toMatchObject({ phase: 'live', have: 0, need: 0 })
      checkBounds(node)
      node.do({ type: 'timer', name: 'heartbeat' })
    }
    run(...this.nodes)
    for (const node of this.nodes) node.cut()
  }

  #brush(exchanges: number, live: number): void {
    for (const node of this.nodes) node.open()
    for (let i = 0; i < exchanges; i++) {
      const [from, to] = i % 2 === 0 ? this.nodes : ([this.nodes[1], this.nodes[0]] as const)
      if (i < live) from.publish(this.#fresh())
      const bytes = from.outbox.shift()
      if (bytes) to.do({ type: 'message', bytes })
      to.work()
      if (i % 7 === 0) from.do({ type: 'timer', name: 'heartbeat' })
    }
    for (const node of this.nodes) {
      expect(node.closed).toBeUndefined()
      node.cut()
    }
  }

  #treat(what: 'keep' | 'restore' | 'wipe', at: 0 | 1): void {
    const node = this.nodes[at]
    const { epoch, remembered } = node
    if (what === 'keep') this.#images.set(at, { blocks: node.log.map(id => node.store.get(id)!), epoch, remembered })
    const image = this.#images.get(at)
    if (what === 'keep' || (what === 'restore' && !image)) return
    for (const id of node.log) node.drop(id)
    node.log.length = 0
    // A store of its own has an epoch that no other has had.
    node.epoch = what === 'wipe' ? 1_000 * (1 + at) + ++this.#wiped * 10_000 : image!.epoch
    node.remembered = what === 'wipe' ? undefined : image!.remembered
    if (what === 'restore') for (const bytes of image!.blocks) node.hold(bytes)
  }

  #fresh(): Uint8Array {
    return envelope(1_700_000_000_000 + ((this.#made * 7_919) % 1_000), ++this.#made)
  }
}

test('whatever is cut off, restored or wiped: a session that comes to rest leaves both with all that either has (invariant 9)', () => {
  let resumed = 0
  fc.assert(
    fc.property(fc.array(deed, { minLength: 2, maxLength: 14 }), deeds => {
      const world = new World()
      for (const each of deeds) world.carryOut(each)
      world.meet()
      world.carryOut({ do: 'publish', side: 1, count: 3 })
      const [left] = world.nodes
      for (const node of world.nodes) node.open()
      run(...world.nodes)
      if (left.status().isResumed) resumed++
      for (const node of world.nodes) node.cut()
      world.meet()
    }),
    { numRuns: 300 },
  )
  // After a session that came to rest, the next one needs no audit.
  expect(resumed).toBe(300)
})
