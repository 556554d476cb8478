import { openBlock } from '../../block/index'
import { DEFERRAL_BOUNDS, LOCAL_SOURCE } from '../../ingest/index'
import { CodedSet, digestOf, type ReconcileSet } from '../../sync/index'
import type { SimulatedNode } from '../simulated-node'
import { differenceFromNew } from '../watch/set-rules'
import type { World } from '../world'
import { type Surveyed, surveyInTime } from './survey'

/** Looks at a set that is not yet what the store holds, at so many milliseconds from each other. */
const LOOKS = 5
const LOOK_MS = 2_000

/** The reconciled set of each running node is what its store holds and keeps stubs of. Called when all has come to rest. */
export async function checkSets(world: World): Promise<void> {
  for (const node of world.nodes.values()) {
    for (let look = 1; ; look++) {
      const set = node.life && world.setOf(node)
      const finding = set && (await differenceFromStore(set, node))
      if (!finding) break
      if (look === LOOKS) {
        world.violate('indexes', finding, node)
        break
      }
      await world.run(LOOK_MS)
    }
  }
}

async function differenceFromStore(set: ReconcileSet, node: SimulatedNode): Promise<string | undefined> {
  const { store } = await surveyInTime(node)
  const anew = new CodedSet()
  for await (const members of store.members())
    anew.insertAll(members.map(({ id, time }) => ({ time, id: digestOf(id) })))
  const same = set.size === anew.size && String(set.fingerprint(0, set.size)) === String(anew.fingerprint(0, anew.size))
  if (!same) return `the reconciled set has ${set.size} members, the store ${anew.size}`
  return differenceFromNew(set)
}

/** How long after its time what waited may still do so: the queue is looked at once a minute. */
const OVERDUE_MS = 130_000

/** The queue of deferred blocks: what waits is whole, within its bounds, and not long overdue where the node runs. */
export function checkDeferred(world: World, { node, waiting }: Surveyed, ran: boolean): void {
  const refuse = (invariant: number, what: string) =>
    world.violate('machine-invariants', `deferred queue ${invariant}: ${what}`, node)
  const counts = new Map<string, { count: number; bytes: number }>()
  for (const { id, source, bytes, until } of waiting) {
    const opened = openBlock(bytes)
    if (!opened.ok || opened.value.block.id !== id) refuse(1, `what waits as ${id} is not that block`)
    if (ran && until < node.clock.now() - OVERDUE_MS) refuse(3, `${id} was due at ${until} and still waits`)
    const share = counts.get(source) ?? { count: 0, bytes: 0 }
    counts.set(source, { count: share.count + 1, bytes: share.bytes + bytes.length })
  }
  const { maxCount, maxBytes, maxCountPerSource, maxBytesPerSource } = DEFERRAL_BOUNDS
  const others = { count: 0, bytes: 0 }
  for (const [source, { count, bytes }] of counts) {
    const isOwn = source === LOCAL_SOURCE
    if (!isOwn && (count > maxCountPerSource || bytes > maxBytesPerSource))
      refuse(2, `${count} blocks of one source wait`)
    if (isOwn && (count > maxCount || bytes > maxBytes)) refuse(2, `${count} blocks of its own wait`)
    if (!isOwn) {
      others.count += count
      others.bytes += bytes
    }
  }
  if (others.count > maxCount || others.bytes > maxBytes) refuse(2, `${others.count} blocks of others wait`)
}
