import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { createBlock } from '../../src/block/index'
import { Ingest, openDeferredQueue, type Stored } from '../../src/ingest/index'
import { memoryStorage, openBlockStore } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { CosmicValidator } from '../../src/validate/index'
import { withBadSignature } from '../tools/forge-signature'
import { signerOf } from '../tools/stored-block'

const NOW = 1_800_000_000_000
const DAY = 86_400_000
const clock = { now: () => NOW }

type Fate = 'good' | 'unadmitted' | 'waits' | 'too late' | 'forged' | 'cut' | 'noise'
const FATES: readonly Fate[] = ['good', 'unadmitted', 'waits', 'too late', 'forged', 'cut', 'noise']
const TIMES: Partial<Record<Fate, number>> = { waits: NOW + DAY / 2, 'too late': NOW + 2 * DAY, unadmitted: 7 }

/** For each fate eight inputs, with the id that they claim. */
const pool: { fate: Fate; id: string; bytes: Uint8Array }[] = []

beforeAll(async () => {
  const signer = await signerOf(1)
  for (const fate of FATES) {
    for (let i = 0; i < 8; i++) {
      const input = { type: 'text' as const, content: `${fate} ${i}` }
      const block = await createBlock(
        { embedding: [1, i], model: 'test:model', input, time: TIMES[fate] ?? 1000 + i },
        signer,
      )
      const bytes = {
        forged: withBadSignature(block),
        cut: block.bytes.slice(0, -1 - i),
        noise: Uint8Array.of(i, 130, i),
      }
      pool.push({ fate, id: block.id, bytes: bytes[fate as keyof typeof bytes] ?? block.bytes })
    }
  }
})

test('whatever the mixture and the order: the valid are stored once, the early wait, the bad touch nobody', async () => {
  const batches = fc.array(fc.array(fc.nat(FATES.length * 8 - 1), { maxLength: 25 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(batches, fc.boolean(), async (picks, together) => {
      const storage = memoryStorage()
      const store = await openBlockStore(storage)
      const queue = await openDeferredQueue(storage)
      const validator = new CosmicValidator({ clock, admit: block => block.time !== 7 })
      const ingest = new Ingest({ validator, store, queue, clock })
      const events: Stored[] = []
      ingest.on('stored', event => events.push(event))
      const inputs = picks.map(batch => batch.map(i => pool[i]!))
      const run = (batch: (typeof inputs)[number]) => ingest.ingest(batch.map(({ bytes }) => bytes))
      const verdicts = []
      if (together) verdicts.push(...(await Promise.all(inputs.map(run))))
      else for (const batch of inputs) verdicts.push(await run(batch))

      const fates = inputs.flat()
      const of = (...wanted: Fate[]) => new Set(fates.filter(({ fate }) => wanted.includes(fate)).map(({ id }) => id))
      const statuses = { good: 'valid', unadmitted: 'valid', waits: 'deferred', 'too late': 'deferred' } as Record<
        Fate,
        string
      >
      expect(verdicts.flat().map(({ status }) => status)).toEqual(fates.map(({ fate }) => statuses[fate] ?? 'invalid'))
      const log = (await collect(store.log())).map(({ id }) => id)
      if (!together) expect(log).toEqual([...of('good', 'unadmitted')])
      expect(log.toSorted()).toEqual([...of('good', 'unadmitted')].sort())
      expect(new Set((await collect(store.query())).map(({ block }) => block.id))).toEqual(of('good'))
      expect(events.flatMap(({ blocks }) => blocks.map(({ block }) => block.id)).sort()).toEqual(log.toSorted())
      expect(queue.count).toBe(of('waits').size)
    }),
    { numRuns: 40 },
  )
})
