import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEnvelope } from '../../src/block/index'
import { unwrap } from '../../src/base/index'
import { CosmicValidator } from '../../src/validate/index'
import { block, clock, sealed } from '../unit/validate/blocks'

const validator = new CosmicValidator({ clock })
const made = await block({ tags: ['physics', 'water'] })
const { payload, signature } = unwrap(openEnvelope(made.bytes))
const payloadAt = payload.byteOffset - made.bytes.byteOffset
const signatureAt = signature.byteOffset - made.bytes.byteOffset

test('any byte changed to any other: invalid, never a throw; by its signature at the latest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(made.bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = made.bytes.slice()
      bytes[at]! ^= flip
      const verdict = await validator.validate(bytes)
      expect(verdict.status).toBe('invalid')
      expect(verdict.summary).toMatch(/^Invalid/)
      if (at >= signatureAt) expect(verdict).toMatchObject({ code: 'bad-signature' })
      if (at < payloadAt) expect(verdict.checks[0]).toMatchObject({ name: 'form', status: 'failed' })
    }),
    { numRuns: 400 },
  )
})

test('any payload at all, signed by its author: a verdict of the closed set, the same twice', async () => {
  const mutant = fc
    .array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map(changes => changes.reduce((bytes, [at, value]) => bytes.with(at, value), payload.slice()))
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutant, fc.uint8Array({ maxLength: 64 })), async payload => {
      const bytes = await sealed(payload)
      const verdict = await validator.validate(bytes)
      expect(['valid', 'deferred', 'invalid']).toContain(verdict.status)
      if (verdict.status !== 'invalid') expect(verdict.block.bytes).toEqual(bytes)
      expect(await validator.validate(bytes)).toEqual(verdict)
    }),
    { numRuns: 400 },
  )
})

test('bytes without any form: invalid', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
      expect((await validator.validate(bytes)).status).toBe('invalid')
    }),
    { numRuns: 300 },
  )
})
