import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../src/base/index'
import { createBlock, decodeBlock, fromJSON, toJSON, type Profile, type Rotation } from '../../src/block/index'
import { didKey, isAcceptableIdentity, Signer } from '../../src/signer/index'

const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const did = fc.oneof(
  { weight: 15, arbitrary: hash.filter(isAcceptableIdentity).map(didKey) },
  { weight: 1, arbitrary: fc.constant(signer.did) },
)
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 4 })

const profile: fc.Arbitrary<Profile> = fc.record(
  { encryption: some(hash), recovery: hash, devices: some(did), identity: did },
  { requiredKeys: [] },
)
const rotation: fc.Arbitrary<Rotation> = fc.record({ from: did, to: did, next: hash }, { requiredKeys: ['from'] })
const fields = fc.oneof(
  profile.map(profile => ({ profile })),
  rotation.map(rotation => ({ rotation })),
)
const CODES: readonly ErrorCode[] = ['bad-value', 'unknown-field', 'missing-field']

test('a profile or rotation is refused by its rules before it is signed, or is the same after every way round', async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(fields, fc.nat(4_102_444_800_000), async (fields, time) => {
      const block = await createBlock({ ...fields, time }, signer).catch((error: { code: ErrorCode }) => error.code)
      if (typeof block === 'string') {
        expect(CODES).toContain(block)
        return
      }
      made++
      expect(block).toMatchObject(fields)
      expect(decodeBlock(block.bytes)).toEqual({ ok: true, value: block })
      expect(fromJSON(JSON.parse(JSON.stringify(toJSON(block))))).toEqual({ ok: true, value: block })
    }),
    { numRuns: 400 },
  )
  expect(made).toBeGreaterThan(50)
})
