import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type RunReport, SCENARIOS } from 'cosmic-embeddings/simulator'
import type { LongRun } from './long-run'
import { progressBar } from './progress-bar'

const SEEDS = 10_000

const about = `${SEEDS.toLocaleString('en-US')} seeds of simulated networks over all scenarios (docs/simulator.md), with real signatures, agreements and ciphers,
on every core. Every oracle must hold in each.`

/** What sim-worker.mjs answers for one seed. */
interface Answer {
  readonly seed: number
  readonly scenario: string
  readonly violation?: string
  readonly totals: RunReport['totals']
}

async function run(first: number, say: (line: string) => void) {
  const totals = { exchanged: 0, verified: 0, messages: 0, hours: 0, failed: 0 }
  const perScenario = new Map<string, number>()
  const progress = progressBar('seeds', say)
  let done = 0
  await spread(first, ({ seed, scenario, violation, totals: run }) => {
    perScenario.set(scenario, (perScenario.get(scenario) ?? 0) + 1)
    totals.exchanged += run.exchanged
    totals.verified += run.verified
    totals.messages += run.messages
    totals.hours += run.time / 3_600_000
    if (violation !== undefined) {
      totals.failed++
      say(`FAILED: npm run sim -- --scenario ${scenario} --from ${seed} --seeds 1: ${violation}`)
    }
    progress(++done, SEEDS)
  })
  if (totals.failed > 0) throw new Error(`${SEEDS - totals.failed} passed, ${totals.failed} failed`)
  return {
    seeds: `${SEEDS} passed, 0 failed`,
    scenarios: Object.keys(SCENARIOS).length,
    'blocks exchanged': totals.exchanged,
    'signatures checked': totals.verified,
    'messages delivered': totals.messages,
    'simulated hours': totals.hours.toFixed(0),
    ...Object.fromEntries([...perScenario].sort().map(([name, count]) => [`\`${name}\``, count])),
  }
}

/** Gives the seeds out to a thread on each core, one at a time; rejects if a thread ends before its seeds do. */
async function spread(first: number, onAnswer: (answer: Answer) => void): Promise<void> {
  let next = first
  const threads = Array.from({ length: availableParallelism() }, () => {
    const thread = new Worker(new URL('sim-worker.mjs', import.meta.url))
    return new Promise<void>((resolve, reject) => {
      const give = () => {
        if (next < first + SEEDS) return thread.postMessage(next++)
        resolve()
        void thread.terminate()
      }
      thread.on('error', reject)
      thread.on('exit', code => reject(new Error(`a thread ended with ${code}`)))
      thread.on('message', (answer: Answer) => {
        onAnswer(answer)
        give()
      })
      give()
    })
  })
  await Promise.all(threads)
}

export default { about, run } satisfies LongRun
