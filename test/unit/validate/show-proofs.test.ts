import { expect, test } from 'vitest'
import { Cid, fail, ok, unwrap } from '../../../src/base/index'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import {
  CosmicValidator,
  type EvidenceSource,
  type Policy,
  type TimeProof,
  type Verdict,
} from '../../../src/validate/index'
import { clock, NOW } from './blocks'

const [author, publisher] = await Promise.all([Signer.generate(), Signer.generate()])
const time = NOW - 3_600_000
const block = await createBlock({ embedding: [1, 0], model: 'acme:tiny', time }, author)
const { digest } = unwrap(Cid.parse(block.id))

/** Believes proofs that hold the digest and a signed number of seconds. */
const standard: TimeProof = {
  format: 'acme/seconds',
  verify: async (digest, proof) => {
    const fits = digest.every((byte, i) => proof[i] === byte)
    const seconds = new DataView(proof.buffer, proof.byteOffset).getInt32(32)
    return fits
      ? ok({ time: time + seconds * 1000, by: 'acme' })
      : fail({ code: 'bad-proof', message: 'of another block' })
  },
}

const proof = (seconds: number, by = publisher, of: Uint8Array = digest) => {
  const data = new Uint8Array(36)
  data.set(of)
  new DataView(data.buffer).setInt32(32, seconds)
  return createBlock({ timeproof: { block: block.id, format: standard.format, data }, time: NOW - 1000 - seconds }, by)
}

async function judged(pieces: readonly object[], policy: Partial<Policy> = {}, explain = false): Promise<Verdict> {
  const evidence: EvidenceSource = {
    about: async (_id, { kind, author, limit }) =>
      (pieces as VerifiedBlock[])
        .filter(piece => piece.kind === kind && (author ?? piece.author) === piece.author)
        .slice(0, limit),
    get: async () => undefined,
  }
  const asked: Policy = {
    ...{ clock, maxSkew: 30_000, proofs: [standard] },
    ...(explain ? {} : { rules: [{ name: 'stamped', require: { proven: { maxGap: 60_000 } } }] }),
    ...policy,
  }
  return new CosmicValidator(asked, { evidence, explain }).validate(block)
}
const checkOf = ({ checks }: Verdict) => checks.find(({ name }) => name === 'proofs')

test('a proof within the bound: admitted, graded, explained', async () => {
  const piece = await proof(60)
  const verdict = await judged([await proof(61), piece])
  expect(verdict).toMatchObject({ status: 'valid', admitted: true })
  const proven = { time: time + 60_000, gap: 60_000, by: 'acme', format: 'acme/seconds', id: piece.id }
  expect(verdict.grades).toEqual({ proven })
  expect(checkOf(verdict)).toMatchObject({ status: 'passed', residual: 60_000, tolerance: 60_000 })
  expect(verdict.summary).toContain(
    `in existence by ${new Date(time + 60_000).toISOString()}, if acme is to be believed`,
  )
})

test.each([
  ['too long after the claimed time', 61, 'ms are allowed'],
  ['before it by more than clocks may differ', -31, 'cannot be true'],
])('%s: not admitted, with the grade', async (_, seconds, message) => {
  const verdict = await judged([await proof(seconds)])
  expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'proof-gap', field: 'timeproof' })
  expect(verdict.grades.proven).toMatchObject({ gap: seconds * 1000 })
  expect(checkOf(verdict)!.detail).toContain(message)
  expect(checkOf(verdict)!.detail).toContain('(rule stamped)')
})

test('none there, or none that holds: refused, and why each did not count', async () => {
  expect(await judged([])).toMatchObject({ admitted: false, code: 'missing-evidence', field: 'timeproof' })
  const wrong = await proof(1, publisher, new Uint8Array(32))
  const verdict = await judged([wrong])
  expect(verdict).toMatchObject({ admitted: false, code: 'incomplete-proof' })
  expect(checkOf(verdict)!.ignored).toEqual([{ id: wrong.id, code: 'bad-proof', detail: 'of another block' }])
})

test('a verifier that fails makes the proof incomplete, not the validator reject', async () => {
  const failing: TimeProof = { format: standard.format, verify: () => Promise.reject(new Error('no headers')) }
  const verdict = await judged([await proof(1)], { proofs: [failing] })
  expect(verdict).toMatchObject({ admitted: false, code: 'incomplete-proof' })
  expect(checkOf(verdict)!.ignored![0]!.detail).toContain('no headers')
})

test('a flood of strangers’ proofs does not hide the author’s own', async () => {
  const flood = await Promise.all(Array.from({ length: 20 }, (_, i) => proof(-1000 - i, publisher, new Uint8Array(32))))
  expect(await judged([...flood, await proof(1, author)])).toMatchObject({ admitted: true })
})

test('explained without being asked for', async () => {
  expect((await judged([await proof(5)], {}, true)).grades.proven).toMatchObject({ gap: 5_000 })
  expect(checkOf(await judged([], {}, true))).toMatchObject({ status: 'skipped' })
})
