import { planOf, runPlan, scenarioOf, SCENARIOS } from 'cosmic-embeddings/simulator'
import type { LongRun } from './long-run'

const SEEDS = 2_000

const about = `${SEEDS} seeds of simulated networks over all scenarios (docs/simulator.md), with real signatures, agreements and ciphers. Every oracle
must hold in each.`

async function run(first: number, say: (line: string) => void) {
  const totals = { exchanged: 0, verified: 0, messages: 0, hours: 0, failed: 0 }
  const perScenario = new Map<string, number>()
  for (let seed = first; seed < first + SEEDS; seed++) {
    const name = scenarioOf(seed)
    perScenario.set(name, (perScenario.get(name) ?? 0) + 1)
    const { violations, totals: run } = await runPlan(planOf(name, seed))
    totals.exchanged += run.exchanged
    totals.verified += run.verified
    totals.messages += run.messages
    totals.hours += run.time / 3_600_000
    if (violations.length > 0) {
      totals.failed++
      say(`FAILED: npm run sim -- --scenario ${name} --from ${seed} --seeds 1: ${violations[0]!.message}`)
    }
    if ((seed - first + 1) % 100 === 0) say(`${seed - first + 1} seeds, ${totals.failed} failed`)
  }
  if (totals.failed > 0) throw new Error(`${SEEDS - totals.failed} passed, ${totals.failed} failed`)
  return {
    seeds: `${SEEDS} passed, 0 failed`,
    scenarios: Object.keys(SCENARIOS).length,
    'blocks exchanged': totals.exchanged,
    'signatures checked': totals.verified,
    'messages delivered': totals.messages,
    'simulated hours': totals.hours.toFixed(0),
    ...Object.fromEntries([...perScenario].map(([name, count]) => [`\`${name}\``, count])),
  }
}

export default { about, run } satisfies LongRun
