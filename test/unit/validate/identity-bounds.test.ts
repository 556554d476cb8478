import { describe, expect, test } from 'vitest'
import { Identities } from '../../../src/validate/index'
import {
  first,
  key,
  later,
  own,
  profile,
  recovery,
  rotation,
  second,
  stranger,
  thief,
  third,
  to,
} from './identity-scenes'

describe('bounds', () => {
  test('room is made by what has no effect; what ended or is contested stays', async () => {
    const identities = new Identities({ limit: 4 })
    const forged = await profile(second, { recovery: to(thief) })
    const facts = [
      await own(),
      await rotation(recovery, { from: first.did }),
      await profile(second, { recovery: to(recovery) }),
    ]
    for (const fact of [...facts, forged]) identities.note(fact)
    for (let i = 1; i <= 20; i++) {
      const flood = await key(i)
      expect(identities.note(await profile(flood, { recovery: to(recovery) }))).toBe('changed')
      expect(identities.note(await rotation(flood, { from: stranger.did, to: thief.did }))).toBe('changed')
    }
    expect(identities.resolve(first.did).status).toBe('revoked')
    expect(identities.resolve(second.did).status).toBe('contested')
    expect(identities.resolve((await key(1)).did).status).toBe('plain')
    expect(identities.resolve((await key(20)).did).status).toBe('active')
    expect([(await key(1)).did, (await key(20)).did].map(did => identities.forgets(did))).toEqual([true, false])
  })

  test('when all of it has an effect, the new finds no room, and is told so', async () => {
    const identities = new Identities({ limit: 2 })
    for (const signer of [first, second]) {
      identities.note(await profile(signer, { recovery: to(recovery) }))
      identities.note(await rotation(recovery, { from: signer.did }))
    }
    expect(identities.note(await profile(third, { recovery: to(recovery) }))).toBe('full')
    expect(identities.note(await rotation(later, { from: third.did }))).toBe('full')
    expect([first, second].map(({ did }) => identities.resolve(did).status)).toEqual(['revoked', 'revoked'])
  })

  test('one author’s profiles take the room of one, and one recovery key signs for sixty-four', async () => {
    const identities = new Identities({ limit: 70 })
    identities.note(await own())
    for (let i = 1; i <= 80; i++)
      identities.note(await profile(thief, { recovery: to(recovery), devices: [second.did] }, i))
    const noted: string[] = []
    for (let i = 1; i <= 65; i++) noted.push(identities.note(await rotation(thief, { from: (await key(i)).did })))
    expect(noted.filter(each => each === 'changed')).toHaveLength(64)
    expect(noted.at(-1)).toBe('full')
    expect(identities.resolve(first.did).status).toBe('active')
  })
})
