import type { BlockStore, StoredBlock } from '../../store/index'
import { heldBlocks, type Member, memberOf, storeOf } from '../held-set'
import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'

/** One node as its disk shows it. */
export interface Surveyed {
  readonly node: SimulatedNode
  readonly store: BlockStore
  readonly held: ReadonlyMap<string, StoredBlock>
}

/** Reads the disk of a node with the production store, beside the node. */
export async function survey(node: SimulatedNode): Promise<Surveyed> {
  const store = await storeOf(node.disk.image)
  return { node, store, held: await heldBlocks(store) }
}

/** Groups of running nodes that the wishes of their users connect, the pair of one identity apart. */
export function components(world: World): SimulatedNode[][] {
  const running = [...world.nodes.values()].filter(({ life }) => life)
  const groupOf = new Map(running.map(node => [node, [node]]))
  for (const node of running)
    for (const name of node.wishes) {
      const other = world.nodes.get(name)
      const [a, b] = [groupOf.get(node), other && groupOf.get(other)]
      if (!a || !b || a === b || other!.did === node.did) continue
      a.push(...b)
      for (const member of b) groupOf.set(member, a)
    }
  return [...new Set(groupOf.values())]
}

/** What every one of these nodes must hold alike: neither dated ahead of any of their clocks nor expired for any of them. */
export function comparable(nodes: readonly SimulatedNode[]): (member: Member) => boolean {
  const clocks = nodes.map(({ clock }) => clock.now())
  const ceiling = Math.min(...nodes.map(({ clock, maxSkew }) => clock.now() + maxSkew))
  const latest = Math.max(...clocks)
  return ({ time, expires }) => time <= ceiling && (expires === undefined || expires > latest)
}

/** The ids that a node must have in common with the others of its component. */
export function comparableIds({ held }: Surveyed, isComparable: (member: Member) => boolean): Set<string> {
  const ids = new Set<string>()
  for (const [id, stored] of held) if (isComparable(memberOf(stored))) ids.add(id)
  return ids
}
