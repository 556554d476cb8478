import { planOf, runPlan } from '../../src/simulator/index'
import { DIGESTED } from './simulator-plans'

/** Standard output: the digest of each plan, as this runtime finds it. */
const digests: string[] = []
for (const [scenario, seed] of DIGESTED) digests.push((await runPlan(planOf(scenario, seed))).digest)
process.stdout.write(JSON.stringify(digests))
