import type { Entry } from '../../store/index'
import { adapterOf } from '../look'
import type { World } from '../world'
import type { Surveyed } from './survey'

/** Marks of erased blocks that are looked for on one disk. */
const MOST_MARKS = 40

/** What was erased does not return, in no list and in no byte of the disk. */
export async function checkErased(world: World, surveyed: Surveyed): Promise<void> {
  const { node, held } = surveyed
  for (const { target, author } of retractionsIn(held)) {
    const block = held.get(target)?.block
    if (block?.author === author && isErasable(block.kind))
      world.violate('erased', `${target} is held beside the retraction of its author`, node)
  }
  // A clock that is put back makes what has expired current again.
  for (const [id, reason] of node.erased)
    if (held.has(id) && reason !== 'expired')
      world.violate('erased', `${id} is held again after it was ${reason}`, node)
  await checkMarks(world, surveyed)
}

/** The end of an erased block's bytes, which nothing else holds, stands nowhere on the disk, as it is and as its owner reads it. */
async function checkMarks(world: World, { node, held }: Surveyed): Promise<void> {
  const erased = [...node.erased.keys()].filter(id => !held.has(id) && world.marks.has(id)).slice(-MOST_MARKS)
  if (erased.length === 0) return
  const marks = erased.map(id => ({ id, mark: latin1(world.marks.get(id)!) }))
  const look = ([key, value]: Entry) => {
    const text = latin1(value)
    for (const { id, mark } of marks)
      if (text.includes(mark))
        world.violate('erased', `bytes of ${id}, which was erased, are on the disk under ${latin1(key)}`, node)
  }
  for (const entry of node.disk.image.range(undefined, undefined, false)) look(entry)
  for await (const entry of adapterOf(node)?.range() ?? []) look(entry)
}

/** Milliseconds that a compaction may take, beside the half of its time for which it waits after a failure. */
const TIDYING_MS = 10_000

/**
 * Bytes of what was erased are out of the files of a running node within the time that its policy says, whatever happened to
 * the process meanwhile. An adapter that hands on no `compact` of the disk below it says that there is nothing to tidy.
 */
export function checkTidied(world: World): void {
  for (const node of world.nodes.values()) {
    const { life, disk, watched } = node
    const within = node.retention?.compactWithin
    if (!life || disk.leftovers.length === 0 || typeof within !== 'number' || (watched && !watched.compact)) continue
    const due = [...node.erasedAt].filter(([id, at]) => {
      const since = at.life === life ? at.awake : life.begun
      return node.erased.has(id) && world.marks.has(id) && life.awake - since > 1.5 * within + TIDYING_MS
    })
    const texts = disk.leftovers.map(latin1)
    for (const [id] of due.slice(-MOST_MARKS))
      if (texts.some(text => text.includes(latin1(world.marks.get(id)!))))
        world.violate('erased', `bytes of ${id} were not cleared from the files within ${within} ms`, node)
  }
}

const decoder = new TextDecoder('latin1')
const latin1 = (bytes: Uint8Array) => decoder.decode(bytes)

const isErasable = (kind: string) => !['retraction', 'profile', 'rotation'].includes(kind)

export function* retractionsIn(held: Surveyed['held']): Generator<{ target: string; author: string }> {
  for (const { block } of held.values())
    if (!block.opaque && block.kind === 'retraction') yield { target: block.retraction.block, author: block.author }
}

/** Kinds that no bound removes, unless the policy says so. */
const CONTROL: ReadonlySet<string> = new Set(['profile', 'rotation', 'keywrap'])

/** What a policy of retention promises of a node that has come to rest: bounds kept, pins apart, and not more stubs than agreed. */
export function checkRetention(world: World, { node, held, stubs, floor }: Surveyed): void {
  const { retention, waiting } = node.options
  if (waiting !== undefined) checkWaiting(world, node, held, waiting)
  if (!retention) return
  const { maxBlocks = Infinity, maxAge, maxStubs = Infinity, pins: { own = true, control = true } = {} } = retention
  const free = [...held.values()].filter(
    ({ block: { kind, author } }) =>
      kind !== 'retraction' && !(control && CONTROL.has(kind)) && !(own && author === node.did),
  )
  if (free.length > 0 && held.size > maxBlocks)
    world.violate('retention', `${held.size} blocks are held where ${maxBlocks} may be`, node)
  if (stubs.size > maxStubs) world.violate('retention', `${stubs.size} stubs are kept where ${maxStubs} may be`, node)
  if (free.some(({ block }) => block.time < floor)) world.violate('retention', 'a block below the floor is held', node)
  if (floor < node.highestFloor) world.violate('retention', 'the floor has sunk', node)
  if (maxAge !== undefined && floor === 0) world.violate('retention', 'nothing was ever too old', node)
}

/** How long what has expired may stay: until a sweep, and until one that failed is begun anew for the sixth time. */
const SWEPT_WITHIN_MS = 30_000
const SWEPT_AGAIN_WITHIN_MS = 140_000

/** What has expired is gone from the disk of a node that ran to the end. A clock that was far off is not believed for a day. */
export function checkExpired(world: World, { node, held }: Surveyed): void {
  if ([...world.nodes.values()].some(({ skew, hasJumped }) => skew !== 0 || hasJumped)) return
  const { failedAt } = node.disk
  const within = failedAt > -Infinity ? SWEPT_AGAIN_WITHIN_MS : SWEPT_WITHIN_MS
  if (world.now - failedAt < within) return
  const over = node.clock.now() - within
  for (const [id, { block }] of held)
    if (!block.opaque && block.expires !== undefined && block.expires < over)
      world.violate('retention', `${id} has expired ${node.clock.now() - block.expires} ms ago and is held`, node)
}

/** Retractions of one author that wait for a block which the node never met. */
function checkWaiting(world: World, { name }: Surveyed['node'], held: Surveyed['held'], most: number): void {
  const waiting = new Map<string, number>()
  for (const { target, author } of retractionsIn(held))
    if (!held.has(target) && !world.marks.has(target)) waiting.set(author, (waiting.get(author) ?? 0) + 1)
  for (const [author, count] of waiting)
    if (count > most)
      world.violate('retention', `${count} retractions of ${author} wait where ${most} may`, world.nodes.get(name))
}
