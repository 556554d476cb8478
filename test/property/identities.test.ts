import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Identities } from '../../src/validate/index'
import {
  first,
  phone,
  profile,
  recovery,
  rotation,
  second,
  thief,
  to,
  type Fact,
} from '../unit/validate/identity-scenes'

const everyone = [first, second, phone, thief]
/** Everything that these keys may say, true, false, repeated and contradicting. */
const facts: Fact[] = await Promise.all([
  profile(first, { recovery: to(recovery), devices: [phone.did] }, 1_000),
  profile(first, { recovery: to(recovery) }, 2_000),
  profile(first, { recovery: to(thief), devices: [thief.did] }, 3_000),
  profile(first, { encryption: [new Uint8Array(32)] }, 500),
  profile(first, { identity: second.did }, 600),
  profile(phone, { identity: first.did }, 1_000),
  profile(phone, { identity: second.did }, 1_000),
  profile(second, { identity: first.did, devices: [phone.did] }, 1_000),
  profile(second, { recovery: to(thief), devices: [phone.did, first.did] }, 1_500),
  profile(thief, { identity: first.did }, 100),
  rotation(recovery, { from: first.did, to: second.did }, 5_000),
  rotation(recovery, { from: first.did, to: second.did }, 4_000),
  rotation(recovery, { from: first.did }, 4_500),
  rotation(recovery, { from: second.did, to: phone.did }, 6_000),
  rotation(recovery, { from: second.did }, 7_000),
  rotation(thief, { from: first.did, to: second.did }, 100),
  rotation(thief, { from: second.did }, 100),
])

const answers = (told: readonly Fact[]) => {
  const identities = new Identities()
  // Asked in between, so that a stale answer would show.
  for (const fact of told) {
    identities.note(fact)
    for (const { did } of everyone) identities.resolve(did)
  }
  return identities
}
const all = (identities: Identities) => everyone.map(({ did }) => identities.resolve(did))
const some = fc.uniqueArray(fc.constantFrom(...facts), { minLength: 1 })

test('the same facts give the same answers in every order, however often they are told', () => {
  fc.assert(
    fc.property(
      some.chain(told =>
        fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length }), fc.shuffledSubarray(told)),
      ),
      ([told, shuffled, again]) => {
        expect(all(answers([...shuffled, ...again]))).toEqual(all(answers(told)))
      },
    ),
    { numRuns: 500 },
  )
})

// A key that two identities name is free again when one of them lets it go; what the key itself signed never is.
test('what is contested stays so, what ended stays ended, and no end moves later, whatever else is told', () => {
  const founding = facts.filter(fact => fact.author !== first.did || fact.kind !== 'profile' || !fact.profile.identity)
  const told = fc.uniqueArray(fc.constantFrom(...founding), { minLength: 1 })
  fc.assert(
    fc.property(told, fc.constantFrom(...founding), (told, more) => {
      const [before, after] = [answers(told).resolve(first.did), answers([...told, more]).resolve(first.did)]
      if (before.status === 'contested') expect(after.status).toBe('contested')
      if (before.since === undefined || after.status === 'contested') return
      expect(after.since).toBeLessThanOrEqual(before.since)
    }),
    { numRuns: 500 },
  )
})

test('one author is an equivalence, and nobody is in two identities', () => {
  fc.assert(
    fc.property(some, told => {
      const identities = answers(told)
      for (const a of everyone)
        for (const b of everyone) {
          expect(identities.sameIdentity(a.did, b.did)).toBe(identities.sameIdentity(b.did, a.did))
          for (const c of everyone)
            if (identities.sameIdentity(a.did, b.did) && identities.sameIdentity(b.did, c.did))
              expect(identities.sameIdentity(a.did, c.did)).toBe(true)
        }
    }),
    { numRuns: 300 },
  )
})

test('without the committed recovery key nothing that a thief signs moves the identity to him', () => {
  const byThief = facts.filter(({ author }) => author !== recovery.did)
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...byThief)), told => {
      const { keys, status } = answers([facts[0]!, ...told]).resolve(first.did)
      if (status !== 'contested') expect(keys).toEqual([first.did])
    }),
    { numRuns: 300 },
  )
})
