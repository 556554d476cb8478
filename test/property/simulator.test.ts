import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Plan, planOf, runPlan, scenarioOf } from '../../src/simulator/index'

/** Two hundred seeds over all scenarios; eleven of twelve with stand-in signatures, whose runs are otherwise the same. */
const SEEDS = 200
const GROUPS = 20

const kept = new URL('../sim/kept/', import.meta.url)

describe(`${SEEDS} seeds over all scenarios hold`, () => {
  test.each(Array.from({ length: GROUPS }, (_, group) => group))(
    'group %i',
    async group => {
      for (let seed = group; seed < SEEDS; seed += GROUPS) {
        const plan = planOf(scenarioOf(seed), seed)
        const report = await runPlan(seed % 12 === 0 ? plan : { ...plan, signatures: 'stand-in' })
        expect({ seed, violations: report.violations }).toEqual({ seed, violations: [] })
      }
    },
    120_000,
  )
})

/** Plans that failed once, made small. */
describe('what failed once holds', () => {
  test.each(readdirSync(kept).filter(name => name.endsWith('.json')))('%s', async name => {
    const plan = JSON.parse(readFileSync(new URL(name, kept), 'utf8')) as Plan
    expect((await runPlan(plan)).violations).toEqual([])
  })
})
