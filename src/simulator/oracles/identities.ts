import type { World } from '../world'

/** Whoever holds both profiles of a contradiction finds the key contested, and shows nothing that it signed. */
export async function checkIdentities(world: World): Promise<void> {
  for (const { did, profiles, block } of world.contradictions)
    for (const node of world.nodes.values()) {
      const held = await node.ask('get', client => Promise.all(profiles.map(id => client.get(id, { admitted: false }))))
      if (!held || held.includes(undefined)) continue
      const identity = await node.ask('identity', client => client.identity(did))
      if (identity && identity.status !== 'contested')
        world.violate('identities', `${did} contradicts itself and is ${identity.status}`, node)
      if (await node.ask('get', client => client.get(block)))
        world.violate('identities', `a block of ${did}, which is contested, is shown`, node)
    }
}
