import { loadOnce } from '../base/index'
import { createBlock } from '../block/index'
import { loadNetwork, SyncClient } from '../client/index'
import { Signer } from '../signer/index'
import { CosmicValidator } from '../validate/index'

/**
 * Lets production code load once what it loads lazily: between the events of a world no module may come in from outside.
 * The kernels of large search indexes are left out; nothing that the network does waits for them.
 */
export const warmUp = /* @__PURE__ */ loadOnce(async () => {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  await loadNetwork()
  const validator = new CosmicValidator({ rules: [{ when: { tags: ['sim'] }, require: { current: true } }] })
  const client = new SyncClient({ signer, validator })
  await client.start()
  const { id } = await client.publish(
    await createBlock({ embedding: [1, 0], model: 'sim:two', sky: true, tags: ['sim'] }, signer),
  )
  await client.status()
  await client.search([1, 0], { model: 'sim:two' })
  await client.retract(id)
  await client.close()
})
