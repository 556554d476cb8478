import { expect, test } from 'vitest'
import { Cid, fail, ok, unwrap } from '../../../../src/base/index'
import { createBlock } from '../../../../src/block/index'
import { Signer } from '../../../../src/signer/index'
import { gradeTimeProofs, type TimeProof } from '../../../../src/validate/index'

const author = await Signer.generate()
const publisher = await Signer.generate()
const time = Date.UTC(2026, 0, 1)
const make = (number: number) => createBlock({ embedding: [number], model: 'acme:tiny', time }, author)
const [block, other] = [await make(1), await make(2)]

/** Believes proofs that hold the digest and a number of seconds. */
const standard: TimeProof = {
  format: 'acme/seconds',
  verify: async (digest, proof) => {
    const fits = digest.every((byte, i) => proof[i] === byte)
    return fits ? ok({ time: time + proof[32]! * 1000, by: 'acme' }) : fail({ code: 'bad-proof' })
  },
}
const { digest } = unwrap(Cid.parse(block.id))
const proof = (seconds: number, of = block.id, format = standard.format, data = Uint8Array.of(...digest, seconds)) =>
  createBlock({ timeproof: { block: of, format, data } }, publisher)

test('the earliest proof that holds says by when a block existed', async () => {
  const evidence = [await proof(30), await proof(10), await proof(20)]
  const { result, ignored } = await gradeTimeProofs(block, evidence, [standard])
  const expected = { time: time + 10_000, gap: 10_000, by: 'acme', format: 'acme/seconds', id: evidence[1]!.id }
  expect(result).toEqual({ ok: true, value: expected })
  expect(ignored).toEqual([])
})

test('what is unknown, wrong or about another block shows nothing', async () => {
  const wrong = await proof(1, block.id, standard.format, new Uint8Array(33))
  const unknown = await proof(2, block.id, 'other')
  const { result, ignored } = await gradeTimeProofs(
    block,
    [await proof(1, other.id), wrong, unknown, other],
    [standard],
  )
  expect(result).toMatchObject({ error: { code: 'incomplete-proof' } })
  expect(ignored).toMatchObject([
    { id: wrong.id, error: { code: 'bad-proof' } },
    { id: unknown.id, error: { code: 'unknown-proof' } },
  ])
})

test('looks at sixteen proofs of a block and no more', async () => {
  const evidence = await Promise.all(Array.from({ length: 17 }, (_, i) => proof(100 - i)))
  const { result, ignored } = await gradeTimeProofs(block, evidence, [standard])
  expect(result).toMatchObject({ value: { gap: 85_000 } })
  expect(ignored).toMatchObject([{ id: evidence[16]!.id, error: { code: 'limit' } }])
})
