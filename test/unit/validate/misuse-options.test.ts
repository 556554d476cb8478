import { describe, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { createWitness, signSights } from '../../../src/block/index'
import { CosmicValidator, verifyBeacon, type EvidenceSource } from '../../../src/validate/index'
import { alice, block, vienna } from './blocks'

const evidence: EvidenceSource = { about: async () => [], get: async () => undefined }

describe.each([null, 5, 'x'])('%j for what validators and evidence are given', value => {
  const wrong = value as never
  const beacon = { chain: '00'.repeat(32), round: 1, signature: '00'.repeat(48) }
  const validator = new CosmicValidator({ require: { current: true } }, { evidence })

  test.each<[string, () => unknown, string]>([
    ['options of a validator', () => new CosmicValidator({}, wrong), 'options'],
    ['evidence', () => new CosmicValidator({}, { evidence: wrong }), 'options.evidence'],
    ['a function that verifies', () => new CosmicValidator({}, { verify: wrong }), 'options.verify'],
    ['a source', () => validator.withEvidence(wrong), 'source'],
    ['a context', async () => validator.validate(await block(), wrong), 'context'],
    ['options of a beacon', () => verifyBeacon(beacon, wrong), 'options'],
    ['chains', () => verifyBeacon(beacon, { chains: wrong }), 'chains'],
    ['a chain', () => verifyBeacon(beacon, { chains: [wrong] }), 'chains[0]'],
    ['sights to sign', () => signSights(wrong, { author: alice.did, time: 0, place: vienna }, alice), 'sights'],
    ['a sight to sign', () => signSights([wrong], { author: alice.did, time: 0, place: vienna }, alice), 'sights[0]'],
    ['a claim', () => signSights([], wrong, alice), 'claim'],
    ['a device', () => signSights([], { author: alice.did, time: 0, place: vienna }, wrong), 'device'],
    ['the device of sights', () => block({ place: vienna, sights: { device: wrong } as never }), 'sights.device'],
  ])('%s', async (name, call, field) => {
    // A text may be a device's name, though not of this one.
    const expected = name === 'the device of sights' && value === 'x' ? 'sights.signature' : field
    await expect(async () => call()).rejects.toMatchObject({ code: 'bad-type', field: expected })
  })
})

test.each([null, 5, {}])('%j is no list of ids to witness', async ids => {
  await expect(createWitness(ids as never, alice)).rejects.toMatchObject({ code: 'bad-type', field: 'ids' })
})

test.each(['x', 10n])('%s is no sky', async sky => {
  await expect(block({ place: vienna, sky: sky as never })).rejects.toBeInstanceOf(CosmicError)
})
