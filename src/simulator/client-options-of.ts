import { CosmicError, isObject, type Read } from '../base/index'
import type { SyncClientOptions, Validator } from '../client/index'
import { type BlockStore, type KeyValueStorage, openBlockStore } from '../store/index'
import { EVERYTHING, isEverything } from '../sync/index'
import { CosmicValidator, DEFAULT_MAX_SKEW } from '../validate/index'
import type { Life } from './life'
import { readClientOptions, readValidator } from './node-options'
import type { GivenOptions, NodeParts, SimulatedNode } from './simulated-node'
import { WatchedStorage } from './watched-storage'
import { watchedValidator } from './watched-validator'
import type { World } from './world'

/** What the user's own code made for a node. That it cannot be is no fault of the node: the run ends with the refusal. */
function made<T>(world: World, read: Read<T>, value: T, field: string): T {
  try {
    return read(value, field)
  } catch (error) {
    if (error instanceof CosmicError) world.scheduler.break(error)
    throw error
  }
}

/** What the production client of a node is made of: simulated disk, network, clock, timers and chance. */
export async function clientOptionsOf(node: SimulatedNode, life: Life): Promise<SyncClientOptions> {
  const { world, signer, name, clock, options: own } = node
  const verify: NodeParts['verify'] = (...claim) => {
    node.work.verified++
    return world.crypto.channel.verify(...claim)
  }
  const parts: NodeParts = { name, clock, signer, verify }
  const validator: Validator = own.validator
    ? watchedValidator(made(world, readValidator, own.validator(parts), 'validator'), what =>
        world.violate('policy', what, node),
      )
    : new CosmicValidator({ clock }, { verify })
  node.maxSkew = validator.maxSkew ?? DEFAULT_MAX_SKEW
  const options: GivenOptions = {
    signer,
    validator,
    storage: node.disk.open(life),
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
  const last = ownedOptions(node, options, parts)
  node.retention = last.retention
  if (last.interests !== options.interests) node.wants.change(last.interests ?? EVERYTHING)
  const { storage } = last
  node.watched = storage instanceof WatchedStorage ? storage : undefined
  return storage ? { ...last, storage: await storageOver(node, storage, life.number) } : last
}

/** The last word of a node's owner; a storage of its own is watched. */
export function ownedOptions(node: SimulatedNode, options: GivenOptions, parts: NodeParts): SyncClientOptions {
  const { client } = node.options
  if (!client) return options
  const last = made(node.world, readClientOptions, client(options, parts), 'client')
  const { storage } = last
  if (storage === options.storage || !isObject(storage) || 'query' in storage) return last
  const watched = new WatchedStorage(storage as KeyValueStorage, what => node.world.violate('storage', what, node))
  return { ...last, storage: watched }
}

/** The storage of a node, or the production store over it with a quota of the node's own. */
export async function storageOver(
  { options: { waiting }, random }: SimulatedNode,
  storage: KeyValueStorage | BlockStore,
  life: number | string,
): Promise<KeyValueStorage | BlockStore> {
  if (waiting === undefined || 'query' in storage) return storage
  return openBlockStore(storage, { waitingRetractionsPerAuthor: waiting, random: random.fork(`store/${life}`) })
}
