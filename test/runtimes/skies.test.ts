import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe.each(names)('skies signed in %s', maker => {
  test.each(names)(
    'verify in %s at 1″, and forged ones do not',
    async judge => {
      const { honest, forged } = made.get(maker)!
      const judgements = await open.get(judge)!.judge([...honest, ...forged])
      expect(honest).toHaveLength(24)
      for (const { status, worst } of judgements.slice(0, 24)) {
        expect(status).toBe('valid')
        expect(worst).toBeLessThan(0.7072)
      }
      for (const judgement of judgements.slice(24)) {
        expect(judgement).toMatchObject({ status: 'invalid', code: 'sky-mismatch' })
      }
    },
    60_000,
  )
})
