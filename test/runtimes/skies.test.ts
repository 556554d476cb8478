import { afterAll, beforeAll, expect, test } from 'vitest'
import { availableRuntimes, type OpenRuntime } from './runtimes'
import type { MadeBlocks } from './skies'

const runtimes = availableRuntimes()
const names = runtimes.map(({ name }) => name)
const open = new Map<string, OpenRuntime>()
const made = new Map<string, MadeBlocks>()

beforeAll(async () => {
  for (const runtime of runtimes) {
    open.set(runtime.name, await runtime.open())
    made.set(runtime.name, await open.get(runtime.name)!.make())
  }
}, 180_000)

afterAll(() => Promise.all([...open.values()].map(runtime => runtime.close())))

const HONEST = 24

/** Every judge sees what all the others made, in one call: each is a process of its own. */
test.each(names)(
  'skies signed anywhere verify in %s at 1″, and forged ones do not',
  async judge => {
    const all = names.map(maker => ({ maker, ...made.get(maker)! }))
    const judgements = [...(await open.get(judge)!.judge(all.flatMap(({ honest, forged }) => [...honest, ...forged])))]
    for (const { maker, honest, forged } of all) {
      expect([maker, honest.length]).toEqual([maker, HONEST])
      for (const { status, worst } of judgements.splice(0, HONEST)) {
        expect([maker, status]).toEqual([maker, 'valid'])
        expect(worst).toBeLessThan(0.7072)
      }
      for (const judgement of judgements.splice(0, forged.length)) {
        expect([maker, judgement]).toMatchObject([maker, { status: 'invalid', code: 'sky-mismatch' }])
      }
    }
    expect(judgements).toEqual([])
  },
  60_000,
)
