// Runs the seeds it is sent, one after the other, against the built package, and answers each with what its run counted.
import { parentPort } from 'node:worker_threads'
import { planOf, runPlan, scenarioOf } from 'cosmic-embeddings/simulator'

parentPort?.on('message', async seed => {
  const scenario = scenarioOf(seed)
  const { violations, totals } = await runPlan(planOf(scenario, seed))
  parentPort?.postMessage({ seed, scenario, violation: violations[0]?.message, totals })
})
