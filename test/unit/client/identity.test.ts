import { expect, onTestFinished, test } from 'vitest'
import { memoryStorage, openBlockStore, type KeyValueStorage } from '../../../src/store/index'
import { createBlock, exportCar, recoveryCommitment, type Block } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { IdentityBook } from '../../../src/client/identity-book'
import { Signer } from '../../../src/signer/index'
import { CosmicValidator, restoreVerified } from '../../../src/validate/index'
import { unwrap } from '../../../src/base/index'
import { startAgent, startAgents, type Agent } from './agents'

const HOUR = 3_600_000
const model = 'test:two'
const now = Date.now()
const vector = (signer: Signer, time = now, embedding = [0.6, 0.8]) => createBlock({ embedding, model, time }, signer)
const commitment = (recovery: Signer) => recoveryCommitment(recovery.publicKey)
const generate = () => Signer.generate()

/** The blocks that search shows. */
const found = async ({ client }: Agent, k = 10) => {
  const { hits } = await client.search([0.6, 0.8], { model, k })
  return hits.map(({ block }) => block.id).sort()
}

/** What other software would do: hand over blocks without asking whether they harm anybody. */
const slip = ({ client }: Agent, ...blocks: Block[]) => client.import(exportCar(blocks))

/** An owner and a peer, connected; the owner's profile commits to a recovery key. */
async function scene() {
  const [owner, peer] = await startAgents(2)
  const recovery = await generate()
  const profile = { recovery: commitment(recovery) }
  await owner.client.publish(await createBlock({ profile, time: now - 10 * HOUR }, owner.signer))
  await peer.client.connect('memory://a')
  await Promise.all([owner, peer].map(({ client }) => client.waitForSync()))
  const status = async (of = owner.signer) => (await peer.client.identity(of.did)).status
  await expect.poll(() => status()).toBe('active')
  return { owner, peer, recovery, profile, status, stolen: owner.signer }
}

test('a stolen key: its owner revokes it, and peers stop showing what the thief publishes', async () => {
  const { owner, peer, recovery, stolen, status } = await scene()
  const genuine = await vector(stolen, now - 5 * HOUR)
  const forged = await vector(stolen, now - HOUR)
  for (const block of [genuine, forged]) await slip(peer, block)
  expect(await found(peer)).toEqual([genuine.id, forged.id].sort())

  // The thief has the everyday key, and that alone signs no rotation.
  const thief = await generate()
  await expect(createBlock({ rotation: { from: stolen.did } }, stolen)).rejects.toMatchObject({ code: 'bad-value' })
  const takeover = await createBlock({ rotation: { from: stolen.did, to: thief.did } }, await generate())
  await expect(peer.client.publish(takeover)).rejects.toMatchObject({ code: 'no-recovery', field: 'author' })
  await slip(peer, takeover)
  expect(await status()).toBe('active')

  const revocation = await createBlock({ rotation: { from: stolen.did }, time: now - 2 * HOUR }, recovery)
  const heard = peer.client.subscribe({ author: stolen.did })
  await owner.client.publish(revocation)
  await expect.poll(() => status()).toBe('revoked')
  expect(await peer.client.identity(stolen.did)).toMatchObject({ since: now - 2 * HOUR })
  for (const each of [owner, peer]) {
    await expect.poll(() => found(each)).toEqual([genuine.id])
    expect(await each.client.get(forged.id)).toBeUndefined()
    expect(await each.client.get(genuine.id)).toBeDefined()
  }
  // What he publishes now is stored and synced, and shown by nobody.
  const later = await vector(stolen, now - 1)
  await slip(peer, later)
  await expect.poll(async () => (await owner.client.get(later.id, { admitted: false }))?.id).toBe(later.id)
  expect(await owner.client.get(later.id)).toBeUndefined()
  // Dated back, it is: only other evidence, or a policy, tells it from the owner's.
  const datedBack = await vector(stolen, now - 6 * HOUR)
  await slip(peer, datedBack)
  expect((await heard.next()).value?.id).toBe(datedBack.id)
})

test('the owner goes on with another key, and policies follow', async () => {
  const network = await startAgents(2)
  const [owner] = network
  const [recovery, next, phone] = await Promise.all([generate(), generate(), generate()])
  const policy = { authors: { allow: [owner.signer.did] } }
  const careful = await startAgent({ validator: new CosmicValidator(policy) })
  const profile = { recovery: commitment(recovery), devices: [phone.did] }
  await slip(careful, await createBlock({ profile, time: now - 9 * HOUR }, owner.signer))
  const early = await vector(next)
  const beforeJoining = await vector(phone)
  await slip(careful, beforeJoining, early)
  expect(await found(careful)).toEqual([])

  await slip(careful, await createBlock({ profile: { identity: owner.signer.did }, time: now - 9 * HOUR }, phone))
  const byPhone = await vector(phone, now - 8 * HOUR)
  await slip(careful, byPhone)
  // What was refused before it joined is judged anew.
  await expect.poll(() => found(careful)).toEqual([byPhone.id, beforeJoining.id].sort())

  await slip(
    careful,
    await createBlock({ rotation: { from: owner.signer.did, to: next.did }, time: now - 2 * HOUR }, recovery),
  )
  const joined = { identity: owner.signer.did, devices: [phone.did] }
  await slip(careful, await createBlock({ profile: joined, time: now - HOUR }, next))
  const byNext = await vector(next, now - 1)
  await slip(careful, byNext)
  const all = [byPhone, beforeJoining, early, byNext]
  await expect.poll(() => found(careful)).toEqual(all.map(({ id }) => id).sort())
  expect(await careful.client.identity(phone.did)).toMatchObject({ identity: owner.signer.did, current: next.did })
})

test('a conflicting first profile contests the identity: nothing of it is shown, nothing is lost', async () => {
  const { owner, peer, stolen, status } = await scene()
  const genuine = await vector(stolen, now - 5 * HOUR)
  await owner.client.publish(genuine)
  await expect.poll(() => found(peer)).toEqual([genuine.id])
  const profile = { recovery: commitment(await generate()) }
  const conflicting = await createBlock({ profile, time: 0 }, stolen)
  await expect(peer.client.publish(conflicting)).rejects.toMatchObject({ code: 'contested', field: 'profile.recovery' })
  await slip(peer, conflicting)
  await expect.poll(() => status()).toBe('contested')
  for (const each of [owner, peer]) {
    await expect.poll(() => found(each)).toEqual([])
    expect(await each.client.get(genuine.id)).toBeUndefined()
    expect((await each.client.get(genuine.id, { admitted: false }))?.id).toBe(genuine.id)
  }
})

test('a rotation that cannot work is refused when its author tries, and says why', async () => {
  const { owner, recovery, stolen } = await scene()
  const alone = await startAgent()
  const revocation = await createBlock({ rotation: { from: stolen.did } }, recovery)
  await expect(alone.client.publish(revocation)).rejects.toMatchObject({ code: 'no-recovery', field: 'rotation.from' })
  expect((await alone.client.status()).store.blocks).toBe(0)
  const silent = await createBlock({ profile: { encryption: [new Uint8Array(32)] } }, stolen)
  await expect(owner.client.publish(silent)).rejects.toMatchObject({ code: 'no-recovery', field: 'profile.recovery' })
  await owner.client.publish(revocation)
  const other = await createBlock({ rotation: { from: stolen.did, to: alone.signer.did } }, recovery)
  await expect(owner.client.publish(other)).rejects.toMatchObject({ code: 'contested', field: 'rotation' })
  await expect(owner.client.identity('nobody')).rejects.toMatchObject({ code: 'bad-did' })
})

test('search looks past what is hidden: a thief’s flood does not push out what others said', async () => {
  const { peer, recovery, stolen } = await scene()
  const other = await vector(await generate(), now, [0.59, 0.81])
  const flood = await Promise.all(Array.from({ length: 60 }, (_, i) => vector(stolen, now - i)))
  await slip(peer, other, ...flood)
  expect(await found(peer, 2)).not.toContain(other.id)
  await slip(peer, await createBlock({ rotation: { from: stolen.did }, time: now - HOUR }, recovery))
  expect(await found(peer, 2)).toEqual([other.id])
})

test('a validator that knows of no identities hides nothing less', async () => {
  const plain = new CosmicValidator()
  const agent = await startAgent({ validator: { validate: input => plain.validate(input) } })
  const [signer, recovery] = await Promise.all([generate(), generate()])
  const [early, forged] = [await vector(signer, now - 2 * HOUR), await vector(signer)]
  const profile = { recovery: commitment(recovery) }
  await slip(agent, early, forged, await createBlock({ profile, time: now - HOUR }, signer))
  expect(await found(agent)).toEqual([early.id, forged.id].sort())
  await slip(agent, await createBlock({ rotation: { from: signer.did }, time: now - HOUR }, recovery))
  const later = await vector(signer, now - 1)
  await slip(agent, later)
  expect(await found(agent)).toEqual([early.id])
  expect(await Promise.all([forged, later].map(({ id }) => agent.client.get(id)))).toEqual([undefined, undefined])
})

test('what the profiles say is known again after a restart, in whatever order they came', async () => {
  const recovery = await generate()
  const signer = await generate()
  const storage = memoryStorage()
  const kept: KeyValueStorage = {
    get: key => storage.get(key),
    getMany: keys => storage.getMany(keys),
    batch: operations => storage.batch(operations),
    range: options => storage.range(options),
    close: async () => {},
  }
  const start = async () => {
    const client = new SyncClient({ signer, storage: kept })
    await client.start()
    onTestFinished(() => client.close())
    return { client, signer, publish: () => Promise.reject(new Error('not used')) }
  }
  const before = await start()
  const forged = await vector(signer)
  const profile = { recovery: commitment(recovery) }
  await slip(before, await createBlock({ rotation: { from: signer.did }, time: now - HOUR }, recovery), forged)
  expect(await found(before)).toEqual([forged.id])
  await slip(before, await createBlock({ profile, time: now - 2 * HOUR }, signer))
  expect(await found(before)).toEqual([])
  await before.client.close()
  const after = await start()
  expect(await after.client.identity(signer.did)).toMatchObject({ status: 'revoked', since: now - HOUR })
  expect(await found(after)).toEqual([])
})

test('a flood of profiles costs nobody his revocation: what was pushed out is read again', async () => {
  const store = await openBlockStore(memoryStorage())
  const errors: unknown[] = []
  const book = new IdentityBook(store, { limit: 8, onError: error => errors.push(error) })
  await book.open()
  const put = async (block: Block) => {
    await store.put([{ block: unwrap(restoreVerified(block.bytes)), admitted: false, code: 'policy' }])
  }
  const [victim, recovery] = await Promise.all([generate(), generate()])
  await put(await createBlock({ profile: { recovery: commitment(recovery) } }, victim))
  for (let i = 0; i < 20; i++) {
    const flood = await generate()
    await put(await createBlock({ profile: { recovery: commitment(recovery) } }, flood))
    await put(await createBlock({ rotation: { from: recovery.did } }, flood))
  }
  expect(book.resolve(victim.did).status).toBe('plain')
  await put(await createBlock({ rotation: { from: victim.did }, time: now }, recovery))
  await expect.poll(() => book.resolve(victim.did).status).toBe('revoked')
  expect(book.hides({ author: victim.did, time: now })).toBe(true)
  expect(book.sameIdentity(victim.did, recovery.did)).toBe(false)
  expect(errors).toEqual([])
  book.close()
  await put(await createBlock({ profile: { recovery: commitment(await generate()) } }, victim))
  expect(book.resolve(victim.did).status).toBe('revoked')
  await store.close()
})
