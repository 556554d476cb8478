import { SortedChunks } from '../store/index'
import { inTurns } from './ask-check'
import { heldBlocks } from './held-set'
import { lookAt, repaired } from './look'
import { checkDurable } from './oracles/stores'
import { survey } from './oracles/survey'
import type { Rottable } from './plan'
import type { SimulatedNode } from './simulated-node'
import type { World } from './world'

/** Keys by their first byte (store/layout.ts): records of blocks; anything but the format's name, without which there is no store. */
const ROTTABLE: Readonly<Record<Rottable, (key: Uint8Array) => boolean>> = {
  records: ([space]) => space === 'y'.charCodeAt(0),
  anything: ([space]) => space !== 'f'.charCodeAt(0),
}

/**
 * What happens to disks while nobody uses them. What a disk is robbed of by this is no loss of the store: it is taken out of
 * what the node has acknowledged.
 */
export class Backups {
  readonly #world: World
  readonly #images = new Map<string, SortedChunks>()

  constructor(world: World) {
    this.#world = world
  }

  /** Before a node starts its disk must hold what it has acknowledged. */
  async start(node: SimulatedNode): Promise<void> {
    if (node.life) return
    await this.#checkDurable(node)
    await node.start()
  }

  keep(node: SimulatedNode): void {
    this.#images.set(node.name, node.disk.image)
  }

  /** The node loses its process and everything since the backup, and starts from it. */
  async restore(node: SimulatedNode): Promise<void> {
    const image = this.#images.get(node.name)
    if (image !== undefined) await this.#change(node, () => image)
  }

  /** The node loses its process and everything on its disk, but not its key. */
  async wipe(node: SimulatedNode): Promise<void> {
    await this.#change(node, () => SortedChunks.empty)
  }

  /** The process ends, bits flip, and its owner has the store repaired before it starts again. */
  async rot(node: SimulatedNode, count: number, where: Rottable): Promise<void> {
    await this.#change(node, () => {
      node.disk.rot(count, ROTTABLE[where])
      return repaired(node)
    })
  }

  /** Another machine starts from a copy of the disk as it is. */
  async clone(from: SimulatedNode, to: SimulatedNode): Promise<void> {
    const imageOf = () => {
      to.wants.takeOver(from.wants)
      return from.disk.image
    }
    await this.#change(to, imageOf, from)
  }

  /** Between the end of a process and the start of the next, in no time. The image is read as `writer` wrote it. */
  async #change(
    node: SimulatedNode,
    imageOf: () => SortedChunks | Promise<SortedChunks>,
    writer = node,
  ): Promise<void> {
    await node.crash()
    const work = (async () => this.#replace(node, await imageOf(), writer))()
    this.#world.scheduler.hold(inTurns(work))
    await work
    await this.start(node)
  }

  async #replace(node: SimulatedNode, image: SortedChunks, writer: SimulatedNode): Promise<void> {
    node.disk.image = image
    for (const from of [node, writer]) for (const id of [...from.erased.keys(), ...from.declined]) node.declined.add(id)
    node.erased.clear()
    node.highestFloor = 0
    const { store } = await lookAt(writer, image)
    const held = await heldBlocks(store)
    const isLeft = (id: string) => held.has(id)
    node.acknowledged = new Set([...node.acknowledged].filter(isLeft))
    node.stored = new Set([...node.stored].filter(isLeft))
    this.#world.record('disk', { node: node.name, blocks: held.size })
  }

  async #checkDurable(node: SimulatedNode): Promise<void> {
    if (node.acknowledged.size + node.stored.size > 0) checkDurable(this.#world, await survey(node))
  }
}
