import { expect, onTestFinished, test } from 'vitest'
import { createBlock, exportCar, recoveryCommitment, type Block } from '../../../src/block/index'
import { SyncClient, type SyncClientOptions } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../../src/store/index'
import { membersOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'

const HOUR = 3_600_000
const now = Date.now()

interface Family {
  readonly everyday: Signer
  readonly phone: Signer
  readonly recovery: Signer
  readonly profiles: readonly Block[]
}

async function family(): Promise<Family> {
  const [everyday, phone, recovery] = await Promise.all([1, 2, 3].map(() => Signer.generate()))
  const own = { recovery: recoveryCommitment(recovery!.publicKey), devices: [phone!.did] }
  const profiles = [
    await createBlock({ profile: own, time: now - 9 * HOUR }, everyday!),
    await createBlock({ profile: { identity: everyday!.did }, time: now - 9 * HOUR }, phone!),
  ]
  return { everyday: everyday!, phone: phone!, recovery: recovery!, profiles }
}

const say = (signer: Signer, content: string) =>
  createBlock({ embedding: [1, 0], model: 'test:two', input: { type: 'text', content }, time: now - HOUR }, signer)
const withdraw = (signer: Signer, { id }: Block) => createBlock({ retraction: { block: id }, time: now }, signer)

async function start({ store: given, ...options }: Partial<SyncClientOptions> & { store?: BlockStore } = {}) {
  const store = given ?? (await openBlockStore(memoryStorage()))
  const client = new SyncClient({ signer: await Signer.generate(), storage: store, ...options })
  const erased: string[] = []
  const errors: unknown[] = []
  const waiting: (() => void)[] = []
  client.on('erased', ({ block }) => {
    erased.push(`${block.id} ${block.reason}`)
    waiting.splice(0).forEach(resolve => resolve())
  })
  client.on('error', ({ error }) => {
    errors.push(error)
    waiting.splice(0).forEach(resolve => resolve())
  })
  await client.start()
  onTestFinished(() => client.close())
  const told = () => new Promise<void>(resolve => waiting.push(resolve))
  const slip = (...blocks: Block[]) => client.import(exportCar(blocks))
  return { client, store, erased, errors, told, slip }
}

const orders = ['block last', 'retraction last', 'profiles last', 'all at once'] as const

test.each(orders)('what another device withdrew is erased down to an exact stub: %s', async order => {
  const { everyday, phone, profiles } = await family()
  const block = await say(everyday, 'mine')
  const retraction = await withdraw(phone, block)
  const { client, store, erased, told, slip } = await start()
  const done = told()
  if (order === 'block last') for (const batch of [profiles, [retraction], [block]]) await slip(...batch)
  if (order === 'retraction last') for (const batch of [profiles, [block], [retraction]]) await slip(...batch)
  if (order === 'profiles last') for (const batch of [[block, retraction], profiles]) await slip(...batch)
  if (order === 'all at once') await slip(retraction, block, ...profiles)
  await done
  expect(erased).toEqual([`${block.id} withdrawn`])
  expect([await client.get(block.id, { admitted: false }), await store.has([block.id])]).toEqual([undefined, [false]])
  expect((await client.search([1, 0], { model: 'test:two' })).hits).toEqual([])
  // The set is what it was: nobody must know identities to compare it.
  expect((await membersOf(store)).toSorted()).toEqual([block, retraction, ...profiles].map(({ id }) => id).toSorted())
  expect((await collect(store.log())).find(({ id }) => id === block.id)?.state).toBe('pruned')
  await slip(block)
  expect(await store.has([block.id])).toEqual([false])
})

test('a stranger, a device that was let go, a revoked key and a contested one withdraw nothing of others', async () => {
  const { everyday, phone, recovery, profiles } = await family()
  const stranger = await Signer.generate()
  const { store, erased, told, slip } = await start()
  const commits = { recovery: recoveryCommitment(recovery.publicKey) }
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => say(everyday, name)))
  await slip(...profiles, a!, b!, c!, await withdraw(stranger, a!))
  // Someone who says that he belongs to it, and is not named there.
  await slip(await createBlock({ profile: { identity: everyday.did }, time: now }, stranger))
  await slip(await createBlock({ profile: commits, time: now - HOUR }, everyday), await withdraw(phone, b!))
  const revoked = await createBlock({ rotation: { from: everyday.did }, time: now }, recovery)
  await slip(await createBlock({ profile: { ...commits, devices: [phone.did] }, time: now - 1 }, everyday))
  const first = told()
  await first
  await slip(revoked)
  const ofPhone = await say(phone, 'of the phone')
  await slip(ofPhone, await withdraw(everyday, ofPhone))
  // Profiles and rotations stay whoever withdraws them.
  await slip(await withdraw(phone, profiles[0]!))
  // What counts comes last: all before it was looked at by then.
  const other = await family()
  const last = await say(other.everyday, 'last')
  const done = told()
  await slip(...other.profiles, last, await withdraw(other.phone, last))
  await done
  expect(erased).toEqual([b!, last].map(({ id }) => `${id} withdrawn`))
  expect(await store.has([a!, c!, ofPhone, ...profiles].map(({ id }) => id))).toEqual([true, true, true, true, true])
})

test('an agent withdraws what its other devices wrote, and peers that know the identity erase it', async () => {
  const { everyday, phone, profiles } = await family()
  const { client, erased, told, slip } = await start({ signer: phone })
  const block = await say(everyday, 'written elsewhere')
  await slip(block)
  await expect(client.retract(block.id)).rejects.toMatchObject({ code: 'not-author' })
  await slip(...profiles)
  const done = told()
  await client.retract(block.id)
  await done
  expect(erased).toEqual([`${block.id} withdrawn`])
})

test('what was left undone is done at the next start', async () => {
  const { everyday, phone, profiles } = await family()
  const storage = memoryStorage()
  const block = await say(everyday, 'left')
  const lasting = new Proxy(storage, {
    get: (target, name) =>
      name === 'close' ? async () => {} : (Reflect.get(target, name) as () => unknown).bind(target),
  })
  const before = await start({ store: await openBlockStore(lasting) })
  await before.slip(block, await withdraw(phone, block))
  await before.client.close()
  const raw = await openBlockStore(lasting)
  const { CosmicValidator } = await import('../../../src/validate/index')
  for (const profile of profiles) {
    const verdict = await new CosmicValidator().validate(profile)
    if (verdict.status === 'valid') await raw.put([{ block: verdict.block, admitted: true }])
  }
  await raw.close()
  const store = await openBlockStore(lasting)
  const erased = new Promise<string>(resolve =>
    store.onChange(change => change.erased[0] && resolve(change.erased[0].id)),
  )
  await start({ store })
  expect(await erased).toBe(block.id)
})

test('a stranger with two keys spends no more than a tenth of the room for stubs', async () => {
  const { everyday, phone, profiles } = await family()
  const { store, errors, told, slip } = await start({ retention: { maxStubs: 30 } })
  await slip(...profiles)
  for (let i = 0; i < 5; i++) {
    const block = await say(everyday, `${i}`)
    const done = told()
    await slip(block, await withdraw(phone, block))
    await done
  }
  expect(errors).toMatchObject([
    { code: 'limit', field: 'retractions', limit: 3 },
    { code: 'limit', field: 'retractions', limit: 3 },
  ])
  expect(await store.stats()).toMatchObject({ pruned: 3, floor: 0, blocks: 9 })
})
