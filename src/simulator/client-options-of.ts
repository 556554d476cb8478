import type { SyncClientOptions, Validator } from '../client/index'
import { type BlockStore, type KeyValueStorage, openBlockStore } from '../store/index'
import { EVERYTHING, isEverything } from '../sync/index'
import { CosmicValidator, DEFAULT_MAX_SKEW } from '../validate/index'
import type { Life } from './life'
import type { NodeParts, SimulatedNode } from './simulated-node'

/** What the production client of a node is made of: simulated disk, network, clock, timers and chance. */
export async function clientOptionsOf(node: SimulatedNode, life: Life): Promise<SyncClientOptions> {
  const { world, signer, name, clock, options: own } = node
  const verify: NodeParts['verify'] = (...claim) => {
    node.work.verified++
    return world.crypto.channel.verify(...claim)
  }
  const parts: NodeParts = { name, clock, signer, verify }
  const validator: Validator = own.validator?.(parts) ?? new CosmicValidator({ clock }, { verify })
  node.maxSkew = validator.maxSkew ?? DEFAULT_MAX_SKEW
  const options: SyncClientOptions = {
    signer,
    validator,
    storage: await storageOver(node, node.disk.open(life), life.number),
    ...(own.retention && { retention: own.retention }),
    ...(!isEverything(node.wants.now) && { interests: node.wants.now }),
    transports: [world.network.transport(life.host)],
    timing: world.timing,
    ports: {
      clock,
      timers: life,
      random: node.random.fork(`life/${life.number}`),
      crypto: { ...world.crypto.channel, verify },
      observe: step => life.alive && world.observe(node, step),
      ...(node.plain && { extensions: [] }),
    },
  }
  node.given = { options, parts }
  const last = own.client?.(options, parts) ?? options
  node.retention = last.retention
  if (last.interests !== options.interests) node.wants.change(last.interests ?? EVERYTHING)
  return last
}

/** A disk as it is opened, or the production store over it with a quota of the node's own. */
export async function storageOver(
  { options: { waiting }, random }: SimulatedNode,
  storage: KeyValueStorage,
  life: number | string,
): Promise<KeyValueStorage | BlockStore> {
  if (waiting === undefined) return storage
  return openBlockStore(storage, { waitingRetractionsPerAuthor: waiting, random: random.fork(`store/${life}`) })
}
