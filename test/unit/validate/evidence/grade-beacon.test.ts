import { expect, test } from 'vitest'
import { createBlock } from '../../../../src/block/index'
import { Signer } from '../../../../src/signer/index'
import { gradeBeacon, QUICKNET } from '../../../../src/validate/index'
import { BeaconVerifier } from '../../../../src/validate/evidence/beacon-verifier'
import { ROUNDS } from './beacons'

const signer = await Signer.generate()
const verifier = new BeaconVerifier()
const [beacon] = ROUNDS
const instant = QUICKNET.genesis + 999 * QUICKNET.period
const dated = (time: number) => ({ embedding: [1], model: 'acme:tiny', time })

test('tells when a block’s round came out, and how long before the claimed time', async () => {
  for (const gap of [0, 5_000, -1]) {
    const block = await createBlock({ ...dated(instant + gap), beacon: beacon! }, signer)
    const value = { chain: QUICKNET.hash, round: 1000, time: instant, gap }
    expect(await gradeBeacon(block, verifier)).toEqual({ ok: true, value })
  }
})

test('tells why a beacon shows nothing, and says nothing of blocks without one', async () => {
  const block = await createBlock({ ...dated(instant), beacon: { ...beacon!, round: 1001 } }, signer)
  expect(await gradeBeacon(block, verifier)).toMatchObject({ ok: false, error: { code: 'beacon-signature' } })
  expect(await gradeBeacon(await createBlock(dated(instant), signer), verifier)).toBeUndefined()
})
