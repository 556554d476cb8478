import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'
import { type Surveyed, surveyInTime } from './survey'

/** Nodes that are asked, what was erased and what is held that each is asked for, and the most blocks among which it searches. */
const MOST_ASKED = 6
const MOST_GONE = 30
const MOST_KEPT = 10
const MOST_SEARCHED = 500

/**
 * What a running node shows its user is what its disk holds: nothing that was erased, neither by id nor among the hits of a
 * search, and the bytes of what is held. Called when all has come to rest.
 */
export async function checkReads(world: World): Promise<void> {
  const running = [...world.nodes.values()].filter(({ life }) => life?.started)
  for (const node of world.random.fork('reads').shuffle(running).slice(0, MOST_ASKED)) await checkNode(world, node)
}

async function checkNode(world: World, node: SimulatedNode): Promise<void> {
  const before = await surveyInTime(node)
  const gone = [...node.erased.keys()].filter(id => !before.held.has(id)).slice(-MOST_GONE)
  const kept = node.random
    .fork('reads')
    .shuffle([...before.held.keys()])
    .slice(0, MOST_KEPT)
  const shown = await shownOf(node, [...gone, ...kept])
  const hits = gone.length > 0 && before.held.size <= MOST_SEARCHED ? await hitsOf(node) : undefined
  // What comes again, or goes, while it is asked for is no difference.
  const after = await surveyInTime(node)
  for (const id of gone) {
    if (after.held.has(id)) continue
    if (shown?.get(id)) world.violate('erased', `${id} is shown by \`get\` after it was ${node.erased.get(id)}`, node)
    if (hits?.has(id)) world.violate('erased', `${id} is found by a search after it was ${node.erased.get(id)}`, node)
  }
  for (const id of shown ? kept : []) {
    const why = difference(shown!.get(id), [before, after], id)
    if (why) world.violate('readable', `${id} ${why}`, node)
  }
}

function difference(bytes: Uint8Array | undefined, surveyed: readonly Surveyed[], id: string): string | undefined {
  const held = surveyed.map(({ held }) => held.get(id)?.block.bytes)
  if (held.includes(undefined)) return undefined
  if (!bytes) return 'is on the disk, and a running node does not show it'
  return held.some(each => String(each) === String(bytes)) ? undefined : 'is shown with other bytes than the disk has'
}

/** Admitted or not. */
async function shownOf(node: SimulatedNode, ids: readonly string[]): Promise<Map<string, Uint8Array> | undefined> {
  const blocks = await node.ask('get', client => Promise.all(ids.map(id => client.get(id, { admitted: false }))))
  return blocks && new Map(blocks.flatMap((block, i) => (block ? [[ids[i]!, block.bytes]] : [])))
}

async function hitsOf(node: SimulatedNode): Promise<Set<string> | undefined> {
  const options = { model: 'sim:two', k: MOST_SEARCHED, versions: 'all' } as const
  const answer = await node.ask('search', client => client.search([1, 1], options))
  return answer && new Set(answer.hits.map(({ block }) => block.id))
}
