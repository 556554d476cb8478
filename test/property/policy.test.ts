import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlock, createWitness, type Block } from '../../src/block/index'
import { storeEvidence } from '../../src/client/store-evidence'
import { Ingest } from '../../src/ingest/index'
import { Signer } from '../../src/signer/index'
import { memoryStorage, openBlockStore } from '../../src/store/index'
import { CosmicValidator, type Policy } from '../../src/validate/index'
import { inRegion } from '../../src/validate/in-region'
import { readRegion, type Position, type Region } from '../../src/validate/region'

const NOW = Date.UTC(2026, 10, 22)
const [author, one, two, three, stranger] = (await Promise.all(
  [1, 2, 3, 4, 5].map(seed => Signer.fromSeed(new Uint8Array(32).fill(seed + 60))),
)) as [Signer, Signer, Signer, Signer, Signer]
const policy: Policy = {
  clock: { now: () => NOW },
  rules: [
    {
      when: { kinds: ['embedding'] },
      require: { notAfter: { of: [one.did, two.did, three.did], atLeast: 2, maxGap: 60_000 } },
    },
  ],
}

const block = await createBlock({ embedding: [1, 2], model: 'test:two', time: NOW - 600_000 }, author)
const other = await createBlock({ embedding: [2, 1], model: 'test:two', time: NOW - 600_000 }, author)
const statement = async (by: Signer, after: number): Promise<Block> =>
  (await createWitness([block.id], by, { time: block.time + after })).block
const batch = await createWitness([other.id, block.id], three, { time: block.time + 30_000 })
const inclusions = await Promise.all(batch.inclusions.map(inclusion => createBlock({ inclusion, time: block.time }, stranger)))
const EVIDENCE: readonly Block[] = [
  await statement(one, 50_000),
  await statement(one, 70_000),
  await statement(two, 10_000),
  await statement(two, 90_000),
  await statement(stranger, 1_000),
  await statement(author, 1_000),
  batch.block,
  ...inclusions,
]

test('the final verdict hangs on what evidence came, not on its order, nor on when its block came', async () => {
  const some = fc.shuffledSubarray([block, ...EVIDENCE], { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(some, fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }), async (blocks, regradeAfter) => {
      const arrived = blocks.includes(block) ? blocks : [...blocks, block]
      const store = await openBlockStore(memoryStorage())
      const validator = new CosmicValidator(policy, { evidence: storeEvidence(store) })
      const ingest = new Ingest({ validator, store, clock: policy.clock! })
      for (const [i, each] of arrived.entries()) {
        await ingest.ingest([each])
        if (regradeAfter[i]) await ingest.regrade([block.id])
      }
      await ingest.regrade([block.id])
      const stored = (await store.get(block.id))!
      const holds = new Set(arrived)
      const times = [
        Math.min(...[50_000, 70_000].filter((_, i) => holds.has(EVIDENCE[i]!))),
        Math.min(...[10_000, 90_000].filter((_, i) => holds.has(EVIDENCE[i + 2]!))),
        holds.has(batch.block) && holds.has(inclusions[1]!) ? 30_000 : Infinity,
      ].sort((a, b) => a - b)
      const code = times[1] === Infinity ? 'too-few-witnesses' : times[1]! > 60_000 ? 'witness-gap' : undefined
      expect(stored.code).toBe(code)
      expect(stored.admitted).toBe(code === undefined)
      const verdict = await validator.regrade(stored.block)
      expect(verdict.grades.notAfter?.gap).toBe(code === undefined ? times[1] : undefined)
      expect(await validator.validate(block.bytes)).toMatchObject({ admitted: stored.admitted, grades: verdict.grades })
    }),
    { numRuns: 60 },
  )
})

/** Degrees in steps of the wire. */
const degrees = (most: number) => fc.integer({ min: -most * 1e7, max: most * 1e7 }).map(steps => steps / 1e7)
/** A convex ring around a centre, its corners by angle; with the half planes that make it up. */
const convex = fc
  .record({
    longitude: degrees(180),
    latitude: degrees(60),
    angles: fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 12 }),
    radius: fc.integer({ min: 1, max: 25 }),
  })
  .map(({ longitude, latitude, angles, radius }) => {
    const corner = (angle: number): Position => [
      longitude + radius * Math.cos((angle * Math.PI) / 180),
      latitude + radius * Math.sin((angle * Math.PI) / 180),
    ]
    const corners = angles.sort((a, b) => a - b).map(corner)
    return { corners, longitude, latitude, radius }
  })

test('a convex region holds what lies left of all its sides, on whichever turn it is written', async () => {
  fc.assert(
    fc.property(convex, degrees(30), degrees(30), ({ corners, longitude, latitude }, east, north) => {
      const [x, y] = [longitude + east, Math.max(-89, Math.min(89, latitude + north))]
      const sides = corners.map(([x1, y1], i) => {
        const [x2, y2] = corners[(i + 1) % corners.length]!
        return (x2! - x1!) * (y - y1!) - (y2! - y1!) * (x - x1!)
      })
      fc.pre(sides.every(side => Math.abs(side) > 1e-6))
      const normal = ((((x + 180) % 360) + 360) % 360) - 180
      for (const turn of [-360, 0, 360]) {
        const moved = corners.map(([lon, lat]): Position => [lon! + turn, lat!])
        if (moved.some(([lon]) => Math.abs(lon!) > 540)) continue
        const region: Region = { type: 'Polygon', coordinates: [[...moved, moved[0]!]] }
        const inside = inRegion(readRegion(region, 'region'), { longitude: normal, latitude: y })
        expect(inside).toBe(sides.every(side => side > 0))
      }
    }),
    { numRuns: 500 },
  )
})
