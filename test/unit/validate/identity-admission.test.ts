import { describe, expect, test } from 'vitest'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { CosmicValidator, type EvidenceSource, type Policy } from '../../../src/validate/index'
import { clock, NOW } from './blocks'
import {
  first,
  joins,
  known,
  laptop,
  own,
  phone,
  profile,
  recovery,
  rotation,
  second,
  stranger,
  thief,
  to,
  type Fact,
} from './identity-scenes'

describe('the validator', () => {
  const said = (signer = first, time = NOW - 60_000) =>
    createBlock({ embedding: [1, 0], model: 'acme:embed-1', time }, signer)
  const end = NOW - 100_000
  const facts = async () => [
    await profile(first, { recovery: to(recovery), devices: [phone.did] }),
    await joins(),
    await rotation(recovery, { from: first.did, to: second.did }, end),
    await profile(second, { identity: first.did, devices: [phone.did] }, end),
  ]
  const judge = async (
    of: Awaited<ReturnType<typeof said>>,
    policy: Policy = {},
    more: Fact[] = [],
    stored = false,
  ) => {
    const identities = known([...(await facts()), ...more])
    const verdict = await new CosmicValidator({ clock, ...policy }).validate(of.bytes, { identities, stored })
    return verdict.status === 'valid' && !verdict.admitted ? `${verdict.code} ${verdict.field}` : verdict.status
  }

  test('a block after the end of its key is valid and not admitted; one before is; the successor’s is', async () => {
    expect(await judge(await said(first, end))).toBe('revoked author')
    expect(await judge(await said(first, end - 1))).toBe('valid')
    expect(await judge(await said(second))).toBe('valid')
    expect(await judge(await said(phone))).toBe('valid')
    const verdict = await new CosmicValidator({ clock }).validate(await said(), { identities: known(await facts()) })
    expect(verdict.checks.find(({ name }) => name === 'identity')).toMatchObject({ status: 'failed' })
    expect(verdict.summary).toContain('revoked')
  })

  test('a contested identity admits nothing, of its devices neither', async () => {
    const forged = await profile(first, { recovery: to(thief) }, 0)
    for (const signer of [first, second, phone])
      expect(await judge(await said(signer, 10), {}, [forged])).toBe('contested author')
    expect(await judge(await said(stranger), {}, [forged])).toBe('valid')
  })

  test('neither a device nor an earlier key of the author counts as a witness of its block', async () => {
    const block = await said(second)
    const statements = await Promise.all(
      [phone, first, stranger].map(witness =>
        createBlock({ witness: { block: block.id }, time: NOW - 50_000 }, witness),
      ),
    )
    const evidence: EvidenceSource = {
      about: async (_id, { kind, author }) =>
        (statements as VerifiedBlock[]).filter(each => each.kind === kind && (author ?? each.author) === each.author),
      get: async () => undefined,
    }
    const named = [phone, first, stranger].map(({ did }) => did)
    const identities = known(await facts())
    const count = async (atLeast: number, context = {}) => {
      const policy: Policy = { clock, rules: [{ require: { notAfter: { of: named, atLeast } } }] }
      const verdict = await new CosmicValidator(policy, { evidence }).validate(block.bytes, context)
      return verdict.status === 'valid' && verdict.admitted
    }
    expect(await count(3)).toBe(true)
    expect(await count(2, { identities })).toBe(false)
    expect(await count(1, { identities })).toBe(true)
  })

  test('policies name identities by any of their everyday keys, a device by itself', async () => {
    for (const name of [first.did, second.did]) {
      const [allow, deny] = [{ authors: { allow: [name] } }, { authors: { deny: [name] } }]
      for (const signer of [second, phone]) {
        expect(await judge(await said(signer), allow)).toBe('valid')
        expect(await judge(await said(signer), deny)).toBe('policy author')
      }
      expect(await judge(await said(stranger), allow)).toBe('policy author')
      expect(await judge(await said(stranger), deny)).toBe('valid')
    }
    const device = { authors: { deny: [phone.did] } }
    expect([await judge(await said(phone), device), await judge(await said(second), device)]).toEqual([
      'policy author',
      'valid',
    ])
    // Who says of himself that he belongs to the denied is denied with them, named there or not.
    expect(await judge(await said(laptop), { authors: { deny: [first.did] } }, [await joins(first, laptop)])).toBe(
      'policy author',
    )
    expect(await judge(await said(laptop), { authors: { allow: [first.did] } }, [await joins(first, laptop)])).toBe(
      'policy author',
    )
  })

  test('endedKeys: what counts of a key whose thief dates back', async () => {
    const before = await said(first, end - 1)
    expect(await judge(before, { endedKeys: 'by-date' })).toBe('valid')
    expect(await judge(before, { endedKeys: 'by-arrival' })).toBe('revoked author')
    expect(await judge(before, { endedKeys: 'by-arrival' }, [], true)).toBe('valid')
    expect(await judge(before, { endedKeys: 'never' }, [], true)).toBe('revoked author')
    expect(await judge(await said(second), { endedKeys: 'never' })).toBe('valid')
  })

  test('a rotation without effect says why', async () => {
    const objection = async (fact: Fact, others: Fact[] = []) => known([await own(), ...others]).objection(fact)
    const ends = (signer: typeof first, from = first, successor?: typeof first) =>
      rotation(signer, { from: from.did, ...(successor && { to: successor.did }) })
    expect(await objection(await ends(recovery))).toBeUndefined()
    expect(await objection(await ends(recovery), [await ends(recovery)])).toBeUndefined()
    expect(await objection(await ends(thief))).toMatchObject({ code: 'no-recovery', field: 'author' })
    expect(await objection(await ends(recovery, stranger))).toMatchObject({
      code: 'no-recovery',
      field: 'rotation.from',
    })
    expect(await objection(await ends(recovery, first, second), [await ends(recovery)])).toMatchObject({
      code: 'contested',
      field: 'rotation',
    })
    const silent = await profile(first, { encryption: [new Uint8Array(32)] })
    expect(await objection(await ends(recovery, first, second), [silent])).toMatchObject({
      code: 'no-recovery',
      field: 'rotation.to',
    })
    expect(await objection(await ends(recovery), [silent])).toBeUndefined()
    expect(await objection(silent)).toMatchObject({ code: 'no-recovery', field: 'profile.recovery' })
    const forged = await profile(first, { recovery: to(thief) })
    expect(await objection(forged)).toMatchObject({ code: 'contested', field: 'profile.recovery' })
    expect(await objection(await ends(recovery), [forged])).toMatchObject({ code: 'contested', field: 'rotation.from' })
  })
})
