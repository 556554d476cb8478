import { hunt } from '../sim/build-mutant'
import { MUTATIONS } from '../sim/mutations'
import type { LongRun } from './long-run'

const SEEDS = 200
/** For one seed: a run that takes longer has hung. */
const PATIENCE_MS = 300_000

const about = `Deliberate faults, one at a time, built into the production machines (a line of the source is replaced while it is bundled;
nothing in the library itself can switch a fault on). Each must be noticed by the simulator within ${SEEDS} seeds over all
scenarios, of which those of a scenario that has shown it come first: the table says by which seed, and by which oracle.`

async function run(_seed: number, say: (line: string) => void) {
  const summary: Record<string, string> = {}
  const missed: string[] = []
  for (const mutation of MUTATIONS) {
    const { seed, found } = await hunt(mutation, SEEDS, PATIENCE_MS)
    summary[mutation.name] = found === undefined ? 'MISSED' : `seed ${seed ?? '-'}: ${found}`
    say(`${mutation.name}: ${summary[mutation.name]}`)
    if (found === undefined) missed.push(mutation.name)
  }
  if (missed.length > 0) throw new Error(`not noticed within ${SEEDS} seeds: ${missed.join('; ')}`)
  return { ...summary, 'faults caught': `${MUTATIONS.length} of ${MUTATIONS.length}` }
}

export default { about, run } satisfies LongRun
