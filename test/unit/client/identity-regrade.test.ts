import { expect, onTestFinished, test } from 'vitest'
import { createBlock, exportCar, recoveryCommitment, type Block } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import {
  memoryStorage,
  openBlockStore,
  type BlockStore,
  type KeyValueStorage,
  type StoredBlock,
} from '../../../src/store/index'
import { CosmicValidator, type Policy } from '../../../src/validate/index'

const HOUR = 3_600_000
const now = Date.now()
const generate = () => Signer.generate()
const vector = (signer: Signer, time = now) => createBlock({ embedding: [0.6, 0.8], model: 'test:two', time }, signer)
const slip = (client: SyncClient, ...blocks: Block[]) => client.import(exportCar(blocks))
const commits = (recovery: Signer) => ({ recovery: recoveryCommitment(recovery.publicKey) })

/** A storage that outlives its clients. */
function lasting(): KeyValueStorage {
  const storage = memoryStorage()
  return new Proxy(storage, {
    get: (target, name) =>
      name === 'close' ? async () => {} : (Reflect.get(target, name) as () => unknown).bind(target),
  })
}

/** A client over a storage, how often it judged a stored block anew, and what it withdrew. */
async function start(storage: KeyValueStorage, policy: Policy = {}) {
  const validator = new CosmicValidator(policy)
  const rejudged: string[] = []
  const withdrawn: string[] = []
  const client = new SyncClient({
    signer: await generate(),
    storage,
    validator: {
      validate: (input, context) => validator.validate(input, context),
      regrade(block, context) {
        rejudged.push(block.id)
        return validator.regrade(block, context)
      },
      usesIdentities: validator.usesIdentities,
    },
  })
  client.on('withdrawn', ({ block, code }) => withdrawn.push(`${block.id} ${code}`))
  await client.start()
  onTestFinished(() => client.close())
  return { client, rejudged, withdrawn }
}

/** How a block is stored, whoever reads it. */
async function judgementOf(storage: KeyValueStorage, { id }: Block) {
  const store = await openBlockStore(storage)
  const { admitted, code } = (await store.get(id))!
  return admitted ? 'admitted' : code
}

async function theft(policy?: Policy) {
  const storage = lasting()
  const [owner, recovery] = await Promise.all([generate(), generate()])
  const agent = await start(storage, policy)
  const profile = await createBlock({ profile: commits(recovery), time: now - 9 * HOUR }, owner)
  const genuine = await vector(owner, now - 5 * HOUR)
  const forged = await vector(owner, now - HOUR)
  await slip(agent.client, profile, genuine, forged)
  return { ...agent, storage, owner, recovery, profile, genuine, forged }
}

test('a revocation withdraws what was stored and dated after it, durably and for everybody who counts', async () => {
  const { client, storage, owner, recovery, genuine, forged, withdrawn } = await theft()
  expect((await client.status()).store).toMatchObject({ blocks: 3, admitted: 3 })
  await slip(client, await createBlock({ rotation: { from: owner.did }, time: now - 2 * HOUR }, recovery))
  await expect.poll(async () => (await client.status()).store).toMatchObject({ blocks: 4, admitted: 3 })
  expect(withdrawn).toEqual([`${forged.id} revoked`])
  const { report, hits } = await client.search([0.6, 0.8], { model: 'test:two' })
  expect(report.searched).toMatchObject([{ scanned: 1 }])
  expect(hits.map(({ block }) => block.id)).toEqual([genuine.id])
  expect(await judgementOf(storage, forged)).toBe('revoked')
  expect(await judgementOf(storage, genuine)).toBe('admitted')
})

test('a contested identity is withdrawn whole, its profiles too', async () => {
  const { client, storage, owner, profile, genuine, forged } = await theft()
  const conflicting = await createBlock({ profile: commits(await generate()), time: 0 }, owner)
  await slip(client, conflicting)
  await expect.poll(async () => (await client.status()).store).toMatchObject({ blocks: 4, admitted: 0 })
  for (const block of [profile, genuine, forged, conflicting])
    expect(await judgementOf(storage, block)).toBe('contested')
})

test('who joins an identity that the policy allows is admitted with what he published before, also to those who listen', async () => {
  const [owner, phone] = await Promise.all([generate(), generate()])
  const { client } = await start(lasting(), { authors: { allow: [owner.did] } })
  const early = await vector(phone)
  await slip(client, early, await createBlock({ profile: { devices: [phone.did] } }, owner))
  expect(await client.get(early.id)).toBeUndefined()
  const stream = client.subscribe({ kind: 'embedding' })
  await slip(client, await createBlock({ profile: { identity: owner.did } }, phone))
  expect((await stream.next()).value?.id).toBe(early.id)
  expect((await client.get(early.id))?.id).toBe(early.id)
  // And is let go when the owner's next profile leaves it out.
  await slip(
    client,
    await createBlock({ profile: { encryption: [new Uint8Array(32)] }, time: Date.now() + 1_000 }, owner),
  )
  await expect.poll(async () => client.get(early.id)).toBeUndefined()
  await expect.poll(async () => (await client.status()).store.admitted).toBe(2)
})

test('a rotation that came before the profile it is about counts when that is here', async () => {
  const storage = lasting()
  const { client } = await start(storage)
  const [owner, recovery] = await Promise.all([generate(), generate()])
  const rotation = await createBlock({ rotation: { from: owner.did } }, recovery)
  await slip(client, rotation)
  expect(await judgementOf(storage, rotation)).toBe('no-recovery')
  await slip(client, await createBlock({ profile: commits(recovery), time: now - HOUR }, owner))
  await expect.poll(() => judgementOf(storage, rotation)).toBe('admitted')
})

test('an agent that stops at once does it when it starts again, and then never again', async () => {
  const { client, storage, owner, recovery, forged } = await theft()
  await slip(client, await createBlock({ rotation: { from: owner.did }, time: now - 2 * HOUR }, recovery))
  await client.close()
  expect(await judgementOf(storage, forged)).toBe('admitted')
  const second = await start(storage)
  await expect.poll(() => judgementOf(storage, forged)).toBe('revoked')
  // Settled a round or two after the last judgement.
  await expect.poll(async () => isSettled(storage)).toBe(true)
  await second.client.close()
  const third = await start(storage)
  await new Promise(resolve => setTimeout(resolve, 400))
  expect(third.rejudged).toEqual([])
})

/** Whether something is written down about identities. */
async function isSettled(storage: KeyValueStorage): Promise<boolean> {
  const store = await openBlockStore(storage)
  for await (const [key] of store.side.range()) if (new TextDecoder().decode(key).startsWith('identity/')) return true
  return false
}

test('under by-arrival what came too late stays refused, however often it is looked at', async () => {
  const { client, storage, owner, recovery, genuine } = await theft({ endedKeys: 'by-arrival' })
  await slip(client, await createBlock({ rotation: { from: owner.did }, time: now - 2 * HOUR }, recovery))
  await expect.poll(async () => (await client.status()).store).toMatchObject({ blocks: 4, admitted: 3 })
  const datedBack = await vector(owner, now - 6 * HOUR)
  await slip(client, datedBack)
  expect(await judgementOf(storage, datedBack)).toBe('revoked')
  // An earlier end makes all of the key's blocks be judged anew.
  await slip(client, await createBlock({ rotation: { from: owner.did }, time: now - 3 * HOUR }, recovery))
  await expect.poll(async () => (await client.identity(owner.did)).since).toBe(now - 3 * HOUR)
  await new Promise(resolve => setTimeout(resolve, 400))
  expect(await judgementOf(storage, datedBack)).toBe('revoked')
  expect(await judgementOf(storage, genuine)).toBe('admitted')
})

test('a block that is stored after its author ended, but was judged before, is judged anew', async () => {
  const store = await openBlockStore(memoryStorage())
  let open = () => {}
  const gate = new Promise<void>(resolve => (open = resolve))
  const held: string[] = []
  /** Its writes of blocks that are held wait for the gate. */
  const slow: BlockStore = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'put') return value.bind(target) as unknown
      return async (blocks: readonly StoredBlock[]) => {
        if (blocks.some(({ block }) => held.includes(block.id))) await gate
        return target.put(blocks)
      }
    },
  })
  const [owner, recovery, signer] = await Promise.all([generate(), generate(), generate()])
  const client = new SyncClient({ signer, storage: slow })
  await client.start()
  onTestFinished(() => client.close())
  await slip(client, await createBlock({ profile: commits(recovery), time: now - 9 * HOUR }, owner))
  const forged = await vector(owner, now - HOUR)
  held.push(forged.id)
  const publishing = client.publish(forged)
  await slip(client, await createBlock({ rotation: { from: owner.did }, time: now - 2 * HOUR }, recovery))
  // All that is stored of the key was judged.
  await new Promise(resolve => setTimeout(resolve, 500))
  open()
  await publishing
  await expect.poll(async () => (await store.get(forged.id))?.code).toBe('revoked')
})
