import { expect, test } from 'vitest'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { CosmicValidator, type EvidenceSource, type Policy } from '../../../src/validate/index'
import { clock, NOW } from './blocks'

const [author, other] = await Promise.all([Signer.generate(), Signer.generate()])
const time = NOW - 1000
const first = await createBlock({ embedding: [1, 0], model: 'acme:tiny', time }, author)
const replacing = { embedding: [0, 1], model: 'acme:tiny', time: time + 1, supersedes: [first.id] }
const second = await createBlock(replacing, author)
const planted = await createBlock(replacing, other)

const asks: Policy = { clock, rules: [{ name: 'latest', require: { current: true } }] }

/** Knows these blocks. */
function knowing(...blocks: readonly object[]): EvidenceSource {
  return {
    about: async () => [],
    get: async () => undefined,
    successors: async (id, query) =>
      (blocks as VerifiedBlock[]).filter(
        block => !block.opaque && block.author === query.author && block.supersedes?.includes(id),
      ),
  }
}
const judged = (evidence: EvidenceSource, policy = asks, explain = false) =>
  new CosmicValidator(policy, { evidence, explain }).validate(first)

test('a block that its author replaced is refused, and says by what', async () => {
  const verdict = await judged(knowing(second))
  expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'superseded', field: 'supersedes' })
  const check = verdict.checks.find(({ name }) => name === 'versions')
  expect(check).toMatchObject({ status: 'failed', code: 'superseded' })
  expect(check?.detail).toContain(second.id)
  expect(check?.detail).toContain('latest')
})

test('what others say replaces nothing', async () => {
  const verdict = await judged(knowing(planted))
  expect(verdict).toMatchObject({ status: 'valid', admitted: true })
  expect(verdict.checks).toContainEqual({
    name: 'versions',
    status: 'passed',
    detail: 'no later version is known here',
  })
})

test('a source that names blocks which replace nothing is not believed', async () => {
  const unrelated = await createBlock({ embedding: [1, 1], model: 'acme:tiny', time }, author)
  for (const named of [planted, unrelated] as VerifiedBlock[]) {
    const verdict = await judged({ ...knowing(), successors: async () => [named] })
    expect(verdict).toMatchObject({ status: 'valid', admitted: true })
  }
})

test('a source that knows no versions refuses none; explaining tells without refusing', async () => {
  const { successors: _, ...blind } = knowing(second)
  const verdict = await judged(blind)
  expect(verdict).toMatchObject({ admitted: true })
  expect(verdict.checks).toContainEqual({ name: 'versions', status: 'skipped', detail: 'no versions are known here' })
  const explained = await judged(knowing(second), { clock }, true)
  expect(explained).toMatchObject({ admitted: true })
  expect(explained.checks.find(({ name }) => name === 'versions')?.detail).toContain(second.id)
})

test('a later version makes the earlier be judged anew, where a policy asks', () => {
  const asking = new CosmicValidator(asks)
  expect([asking.usesEvidence, asking.affectedBy(second as VerifiedBlock)]).toEqual([true, [first.id]])
  const open = new CosmicValidator({ clock })
  expect([open.usesEvidence, open.affectedBy(second as VerifiedBlock)]).toEqual([false, []])
  expect(() => new CosmicValidator({ require: { current: 1 } as never })).toThrow('require.current')
})
