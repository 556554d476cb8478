import { describe, expect, test } from 'vitest'
import { createBlock, createWitness, type Block } from '../../../../src/block/index'
import { Signer } from '../../../../src/signer/index'
import { gradeWitnesses, type WitnessRule } from '../../../../src/validate/index'

const seeded = (number: number) => Signer.fromSeed(new Uint8Array(32).fill(number))
const [author, a, b, c, stranger] = (await Promise.all([1, 2, 3, 4, 5].map(seeded))) as [
  Signer,
  Signer,
  Signer,
  Signer,
  Signer,
]
const time = Date.UTC(2026, 0, 1)
const make = (number: number) => createBlock({ embedding: [number], model: 'acme:tiny', time }, author)
const [block, other] = (await Promise.all([make(1), make(2)])) as [Block, Block]
const named = [a.did, b.did, c.did]

const seen = async (by: Signer, after: number, ids = [block.id]) =>
  (await createWitness(ids, by, { time: time + after })).block

/** A batch of four blocks, and the block that carries the inclusion of one of them. */
async function batch(by: Signer, after: number, of = block.id) {
  const ids = [other.id, of, (await make(3)).id, (await make(4)).id]
  const { block: witness, inclusions } = await createWitness(ids, by, { time: time + after })
  return { witness, inclusion: inclusions[1]! }
}

function grade(evidence: readonly Block[], rule: Partial<WitnessRule> = {}) {
  const { result, ignored } = gradeWitnesses(block, evidence, { witnesses: named, ...rule })
  return {
    gap: result.ok ? result.value.gap : result.error.code,
    by: result.ok ? result.value.witnesses.map(witness => witness.author) : [],
    ignored: ignored.map(({ error }) => error.code),
  }
}

describe('gradeWitnesses', () => {
  test('takes the k-th smallest time of the witnesses that the policy names', async () => {
    const evidence = [await seen(c, 300), await seen(a, 200), await seen(b, 100)]
    expect(grade(evidence)).toEqual({ gap: 100, by: [b.did, a.did, c.did], ignored: [] })
    expect(grade(evidence, { required: 2 }).gap).toBe(200)
    expect(grade(evidence, { required: 3 }).gap).toBe(300)
    expect(grade(evidence, { required: 4 }).gap).toBe('too-few-witnesses')
    expect(gradeWitnesses(block, evidence, { witnesses: named }).result).toMatchObject({ value: { time: time + 100 } })
  })

  test('counts a witness once, with its earliest statement', async () => {
    const evidence = [await seen(a, 300), await seen(a, 100), await seen(a, 200)]
    expect(grade(evidence)).toEqual({ gap: 100, by: [a.did], ignored: [] })
    expect(grade(evidence, { required: 2 }).gap).toBe('too-few-witnesses')
  })

  test('the author does not count, though named, nor another key of the same identity', async () => {
    const evidence = [await seen(author, 0), await seen(a, 100)]
    const rule = { witnesses: [author.did, ...named] }
    expect(grade(evidence, rule)).toEqual({ gap: 100, by: [a.did], ignored: ['witness-author'] })
    expect(grade(evidence, { ...rule, isAuthor: did => did === a.did })).toEqual({
      gap: 'too-few-witnesses',
      by: [],
      ignored: ['witness-author', 'witness-author'],
    })
  })

  test('who is not named does not count', async () => {
    expect(grade([await seen(stranger, 0)])).toEqual({ gap: 'too-few-witnesses', by: [], ignored: ['witness-unnamed'] })
  })

  test('what is about other blocks says nothing', async () => {
    const evidence = [await seen(a, 0, [other.id]), await make(9)]
    expect(grade(evidence)).toEqual({ gap: 'too-few-witnesses', by: [], ignored: [] })
  })

  test('a batch counts through an inclusion, whoever publishes that', async () => {
    const { witness, inclusion } = await batch(a, 50)
    const carried = await createBlock({ inclusion }, author)
    expect(grade([carried, witness])).toEqual({ gap: 50, by: [a.did], ignored: [] })
    expect(grade([witness]).gap).toBe('too-few-witnesses')
    expect(grade([carried])).toEqual({ gap: 'too-few-witnesses', by: [], ignored: ['missing-witness'] })
  })

  test('an inclusion that does not lead to the root says nothing', async () => {
    const { witness, inclusion } = await batch(a, 50)
    const elsewhere = await batch(a, 60, (await make(5)).id)
    const single = await seen(b, 1, [other.id])
    const faults = [
      { ...inclusion, index: 2 },
      { ...inclusion, index: 2 ** 30 - 1 },
      { ...inclusion, path: inclusion.path.map(byte => byte ^ 1) },
      { ...inclusion, path: new Uint8Array(0) },
      { ...inclusion, path: new Uint8Array(960) },
      { ...elsewhere.inclusion, block: block.id },
      { ...inclusion, witness: elsewhere.witness.id },
    ]
    for (const fault of faults) {
      const carried = await createBlock({ inclusion: fault }, stranger)
      expect(grade([witness, elsewhere.witness, carried])).toMatchObject({ by: [], ignored: ['bad-inclusion'] })
    }
    const ofSingle = await createBlock({ inclusion: { ...inclusion, witness: single.id } }, stranger)
    expect(grade([single, ofSingle])).toMatchObject({ by: [], ignored: ['missing-witness'] })
  })

  test('says when a block was seen before it claims to have been made', async () => {
    expect(grade([await seen(a, -5_000)]).gap).toBe(-5_000)
  })

  test('every reason has a sentence', async () => {
    const evidence = [
      await seen(author, 0),
      await seen(stranger, 0),
      await createBlock({ inclusion: (await batch(a, 1)).inclusion }, a),
    ]
    const { result, ignored } = gradeWitnesses(block, evidence, { witnesses: named, required: 2 })
    const messages = [...ignored.map(({ error }) => error.message), result.ok ? '' : result.error.message]
    expect(messages).toHaveLength(4)
    for (const message of messages) expect(message).toMatch(/ /)
  })
})
