import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Cid, unwrap } from '../../src/base/index'
import { createBlock, createWitness, decodeBlock, fromJSON, toJSON, type Block } from '../../src/block/index'
import { Signer } from '../../src/signer/index'
import { gradeWitnesses } from '../../src/validate/index'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(digest => Cid.fromDigest(digest).toString())
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hashes = fc.nat(30).chain(n => fc.uint8Array({ minLength: 32 * n, maxLength: 32 * n }))
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 4 })
const evidence = fc.oneof(
  fc.record({ retraction: fc.record({ block: id }), supersedes: ids }),
  fc.record({ witness: fc.record({ block: id }) }),
  fc.record({ witness: fc.record({ root: hash, size: fc.integer({ min: 1, max: 2 ** 30 }) }) }),
  fc.record({ inclusion: fc.record({ witness: id, block: id, index: fc.nat(2 ** 30 - 1), path: hashes }) }),
  fc.record({
    timeproof: fc.record({
      block: id,
      format: fc.stringMatching(/^[a-z][a-z0-9./-]{0,20}$/),
      data: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    }),
  }),
)

const TIME = Date.UTC(2026, 0, 1)
let signers: Signer[]
let block: Block
beforeAll(async () => {
  signers = await Promise.all([1, 2, 3, 4].map(seed => Signer.fromSeed(new Uint8Array(32).fill(seed))))
  block = await createBlock({ embedding: [1], model: 'acme:tiny', time: TIME }, signers[0]!)
})

describe('evidence', () => {
  test('every block about another is decoded as it was made, and survives JSON', async () => {
    await fc.assert(
      fc.asyncProperty(evidence, async own => {
        const made = await createBlock(own as Parameters<typeof createBlock>[0], signers[1]!)
        expect(unwrap(decodeBlock(made.bytes))).toEqual(made)
        expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(made)))))).toEqual(made)
      }),
      { numRuns: 60 },
    )
  })

  /** Who says so, how long after the block, and whether with one signature for it alone or for a batch. */
  const statements = fc.array(
    fc.record({ who: fc.nat(3), after: fc.integer({ min: -9, max: 9 }), others: fc.nat(5), about: fc.boolean() }),
    { maxLength: 6 },
  )

  test('the k-th smallest time is that of the plain definition, in whatever order evidence comes', async () => {
    const run = fc.record({ statements, required: fc.integer({ min: 1, max: 3 }), named: fc.subarray([0, 1, 2, 3]) })
    await fc.assert(
      fc.asyncProperty(run, fc.infiniteStream(fc.nat()), async ({ statements, required, named }, order) => {
        const pieces: Block[] = []
        for (const { who, after, others, about } of statements) {
          const around = Array.from({ length: others + 1 }, (_, i) =>
            Cid.fromDigest(new Uint8Array(32).fill(i)).toString(),
          )
          const ids = about ? [...around, block.id] : around
          const { block: witness, inclusions } = await createWitness(ids, signers[who]!, { time: TIME + after })
          const carried = inclusions.map(inclusion => createBlock({ inclusion }, signers[0]!))
          pieces.push(witness, ...(await Promise.all(carried)))
        }
        const keys = pieces.map(piece => ({ piece, key: order.next().value! }))
        const shuffled = keys.sort((a, b) => a.key - b.key).map(({ piece }) => piece)

        const counted = statements.filter(({ who, about }) => about && who !== 0 && named.includes(who))
        const best = [1, 2, 3].map(who => Math.min(...counted.filter(s => s.who === who).map(s => s.after)))
        const expected = best.sort((a, b) => a - b)[required - 1]!
        const witnesses = named.map(who => signers[who]!.did)
        const { result } = gradeWitnesses(block, shuffled, { witnesses, required })
        expect(result.ok ? result.value.gap : Infinity).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })
})
