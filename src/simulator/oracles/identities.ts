import type { World } from '../world'

/** Whoever holds both profiles of a contradiction finds the key contested, and shows nothing that it signed. */
export async function checkIdentities(world: World): Promise<void> {
  for (const { did, profiles, block } of world.contradictions)
    for (const node of world.nodes.values()) {
      const { client } = node
      if (!client) continue
      const held = await world.complete(Promise.all(profiles.map(id => client.get(id, { admitted: false }))))
      if (held.includes(undefined)) continue
      const { status } = await world.complete(client.identity(did))
      if (status !== 'contested') world.violate('identities', `${did} contradicts itself and is ${status}`, node)
      if (await world.complete(client.get(block)))
        world.violate('identities', `a block of ${did}, which is contested, is shown`, node)
    }
}
