import { describe, expect, test } from 'vitest'
import { resolveIdentity } from '../../../src/validate/index'
import {
  first,
  joins,
  key,
  known,
  laptop,
  later,
  own,
  phone,
  profile,
  recovery,
  rotation,
  second,
  stranger,
  thief,
  third,
  to,
} from './identity-scenes'

describe('one key', () => {
  test('without profiles, or with one that only names encryption keys, stands for itself', async () => {
    const alone = {
      status: 'plain',
      identity: first.did,
      keys: [first.did],
      current: first.did,
      devices: [],
      claims: [],
    }
    expect(resolveIdentity(first.did, [])).toEqual(alone)
    expect(resolveIdentity(first.did, [await profile(first, { encryption: [new Uint8Array(32)] })])).toEqual(alone)
    expect(resolveIdentity('did:web:nobody', [])).toMatchObject({ status: 'plain' })
  })

  test('that commits is active; the recovery key revokes it from an instant on', async () => {
    expect(resolveIdentity(first.did, [await own()])).toMatchObject({ status: 'active', current: first.did })
    const revoked = resolveIdentity(first.did, [await own(), await rotation(recovery, { from: first.did }, 7_000)])
    expect(revoked).toMatchObject({ status: 'revoked', since: 7_000, keys: [first.did] })
    expect(revoked.current).toBeUndefined()
  })

  test('no other key ends it: neither itself, nor a thief with his own, nor without a commitment', async () => {
    await expect(rotation(first, { from: first.did })).rejects.toMatchObject({ code: 'bad-value' })
    const byThief = await rotation(thief, { from: first.did, to: second.did })
    expect(resolveIdentity(first.did, [await own(), byThief])).toMatchObject({ status: 'active' })
    expect(resolveIdentity(first.did, [await rotation(recovery, { from: first.did })])).toMatchObject({
      status: 'plain',
    })
  })

  test('the same rotation said twice ends it at the earlier instant', async () => {
    const both = [
      await rotation(recovery, { from: first.did }, 9_000),
      await rotation(recovery, { from: first.did }, 8_000),
    ]
    expect(resolveIdentity(first.did, [await own(), ...both])).toMatchObject({ status: 'revoked', since: 8_000 })
  })

  test('two commitments contest it, whatever they say of their time; so do two rotations', async () => {
    const forged = await profile(first, { recovery: to(thief) }, 0)
    expect(resolveIdentity(first.did, [await own(), forged])).toMatchObject({
      status: 'contested',
      identity: first.did,
    })
    const two = [
      await rotation(recovery, { from: first.did }),
      await rotation(recovery, { from: first.did, to: second.did }),
    ]
    expect(resolveIdentity(first.did, [await own(), ...two])).toMatchObject({ status: 'contested' })
    const nexts = [to(later), to(third)].map(next => rotation(recovery, { from: first.did, to: second.did, next }))
    expect(resolveIdentity(first.did, [await own(), ...(await Promise.all(nexts))])).toMatchObject({
      status: 'contested',
    })
  })

  test('beside a profile that is silent on recovery, a commitment revokes; to hand on contests', async () => {
    const silent = await profile(first, { encryption: [new Uint8Array(32)] }, 0)
    const facts = [silent, await own(), await joins(first, second)]
    expect(resolveIdentity(first.did, facts)).toMatchObject({ status: 'active' })
    const revoked = [...facts, await rotation(recovery, { from: first.did })]
    expect(resolveIdentity(first.did, revoked)).toMatchObject({ status: 'revoked', since: 5_000 })
    facts.push(await rotation(recovery, { from: first.did, to: second.did }))
    expect(resolveIdentity(first.did, facts)).toMatchObject({ status: 'contested' })
    // Else a thief of two keys in succession could undo the revocation of the second.
    facts.push(await rotation(recovery, { from: second.did }))
    expect(resolveIdentity(second.did, facts)).toMatchObject({ status: 'contested', identity: first.did })
  })
})

describe('succession', () => {
  const moves = async () => [
    await own(),
    await rotation(recovery, { from: first.did, to: second.did, next: to(later) }),
  ]

  test('a successor counts once it names the identity; the first key is over in any case', async () => {
    const facts = await moves()
    expect(resolveIdentity(first.did, facts)).toMatchObject({ status: 'rotated', since: 5_000, keys: [first.did] })
    expect(resolveIdentity(first.did, facts).current).toBeUndefined()
    expect(resolveIdentity(second.did, facts)).toMatchObject({ status: 'plain' })
    facts.push(await joins(first, second))
    const keys = [first.did, second.did]
    expect(resolveIdentity(first.did, facts)).toMatchObject({ status: 'rotated', keys, current: second.did })
    expect(resolveIdentity(second.did, facts)).toMatchObject({ status: 'active', identity: first.did, keys })
    expect(resolveIdentity(second.did, facts).since).toBeUndefined()
  })

  test('the next recovery key ends the successor, the first one no longer can; without next it stays', async () => {
    const facts = [...(await moves()), await joins(first, second)]
    const old = await rotation(recovery, { from: second.did }, 6_000)
    expect(resolveIdentity(second.did, [...facts, old])).toMatchObject({ status: 'active' })
    const next = await rotation(later, { from: second.did, to: third.did }, 6_000)
    // A successor may be named instead of the first key.
    const consent = await joins(second, third)
    expect(resolveIdentity(third.did, [...facts, next, consent])).toMatchObject({
      status: 'active',
      identity: first.did,
    })
    expect(resolveIdentity(second.did, [...facts, next, consent])).toMatchObject({ status: 'rotated', since: 6_000 })
    const end = await rotation(later, { from: third.did }, 8_000)
    expect(resolveIdentity(third.did, [...facts, next, consent, end])).toMatchObject({
      status: 'revoked',
      since: 8_000,
    })
    expect(resolveIdentity(first.did, [...facts, next, consent, end])).toMatchObject({
      status: 'rotated',
      since: 5_000,
    })
  })

  test('a thief of the successor can neither withdraw its consent nor commit to a recovery key of his', async () => {
    const facts = [...(await moves()), await joins(first, second)]
    const withdrawn = await profile(second, { encryption: [new Uint8Array(32)] }, 9_000)
    expect(resolveIdentity(second.did, [...facts, withdrawn])).toMatchObject({ status: 'active', identity: first.did })
    const forged = await profile(second, { recovery: to(thief) }, 0)
    expect(resolveIdentity(second.did, [...facts, forged])).toMatchObject({ status: 'contested' })
    const end = await rotation(later, { from: second.did }, 8_000)
    expect(resolveIdentity(first.did, [...facts, forged, end]).status).toBe('rotated')
  })

  test('nobody is made a successor or a device against his will', async () => {
    const taken = [await profile(thief, { recovery: to(later), devices: [first.did] }), await own()]
    taken.push(await rotation(later, { from: thief.did, to: first.did }))
    expect(resolveIdentity(first.did, taken)).toMatchObject({
      status: 'active',
      identity: first.did,
      keys: [first.did],
    })
  })

  test('it ends with the sixty-fourth key, and does not go in circles', async () => {
    const facts = [await own()]
    let last = first
    for (let i = 1; i < 65; i++) {
      const next = await key(i)
      facts.push(await rotation(recovery, { from: last.did, to: next.did }), await joins(first, next))
      last = next
    }
    expect(resolveIdentity((await key(63)).did, facts)).toMatchObject({ status: 'revoked', identity: first.did })
    expect(resolveIdentity(last.did, facts)).toMatchObject({ status: 'plain' })
    const circle = [
      await own(),
      await joins(first, second),
      await rotation(recovery, { from: first.did, to: second.did }),
    ]
    circle.push(await rotation(recovery, { from: second.did, to: first.did }))
    expect(resolveIdentity(second.did, circle)).toMatchObject({ status: 'revoked', keys: [first.did, second.did] })
  }, 20_000)
})

describe('devices', () => {
  const names = (devices: readonly string[], time = 1_000, signer = first) =>
    profile(signer, signer === first ? { recovery: to(recovery), devices } : { identity: first.did, devices }, time)

  test('belong when both sides say so', async () => {
    const named = await names([phone.did, laptop.did])
    expect(resolveIdentity(phone.did, [named])).toMatchObject({ status: 'plain', identity: phone.did })
    expect(resolveIdentity(phone.did, [await joins()])).toMatchObject({ status: 'plain', claims: [first.did] })
    const both = [named, await joins()]
    expect(resolveIdentity(phone.did, both)).toMatchObject({
      status: 'active',
      identity: first.did,
      devices: [phone.did],
    })
    expect(resolveIdentity(first.did, both)).toMatchObject({ status: 'active', devices: [phone.did] })
    const identities = known(both)
    expect(identities.sameIdentity(first.did, phone.did)).toBe(true)
    expect(identities.sameIdentity(first.did, laptop.did)).toBe(false)
    expect(identities.sameIdentity(stranger.did, stranger.did)).toBe(true)
  })

  test('the latest list of the current key counts', async () => {
    const facts = [await names([phone.did], 1_000), await joins(), await names([laptop.did], 2_000)]
    expect(resolveIdentity(phone.did, facts)).toMatchObject({ status: 'plain' })
    const moved = [
      await names([phone.did]),
      await joins(),
      await joins(first, laptop),
      await joins(first, second, 6_000),
    ]
    moved.push(await rotation(recovery, { from: first.did, to: second.did }))
    expect(resolveIdentity(phone.did, moved)).toMatchObject({ status: 'plain' })
    moved.push(await names([laptop.did], 7_000, second))
    expect(resolveIdentity(laptop.did, moved)).toMatchObject({ status: 'active', identity: first.did })
    expect(known(moved).sameIdentity(first.did, laptop.did)).toBe(true)
  })

  test('end with the identity; a key that ended names no new ones', async () => {
    const end = await rotation(recovery, { from: first.did }, 5_000)
    const facts = [await names([phone.did]), await joins(), end]
    expect(resolveIdentity(phone.did, facts)).toMatchObject({ status: 'revoked', since: 5_000 })
    const after = await names([thief.did], 6_000)
    expect(resolveIdentity(thief.did, [...facts, after, await joins(first, thief)])).toMatchObject({ status: 'plain' })
  })

  test('are contested with their identity, of two identities at once, and when they name too many', async () => {
    const facts = [await names([phone.did]), await joins()]
    const forged = await profile(first, { recovery: to(thief) }, 0)
    expect(resolveIdentity(phone.did, [...facts, forged])).toMatchObject({ status: 'contested', identity: first.did })
    const other = [await profile(second, { devices: [phone.did] }), await joins(second)]
    expect(resolveIdentity(phone.did, [...facts, ...other])).toMatchObject({ status: 'contested' })
    expect(known([...facts, ...other]).sameIdentity(phone.did, first.did)).toBe(false)
    const many = await Promise.all([1, 2, 3, 4, 5].map(async i => joins(await key(i))))
    expect(resolveIdentity(phone.did, [...facts, ...many.slice(0, 4)])).toMatchObject({ status: 'contested' })
    expect(resolveIdentity(phone.did, many.slice(0, 4))).toMatchObject({ status: 'plain' })
    expect(resolveIdentity(phone.did, many)).toMatchObject({ status: 'contested', claims: [] })
  })

  test('a key with a recovery key of its own that joins another identity is contested, and so are its devices', async () => {
    const facts = [await names([phone.did]), await joins(), await profile(second, { devices: [first.did] })]
    facts.push(await joins(second, first))
    expect(resolveIdentity(first.did, facts)).toMatchObject({ status: 'contested' })
    expect(resolveIdentity(phone.did, facts)).toMatchObject({ status: 'contested' })
  })
})
