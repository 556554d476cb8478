import type { LongRun } from './long-run'
import { FAMILIES, fuzzMessages } from './messages-fuzz'

const MESSAGES = 1_000_000
const ROUNDS = 20
const SLOWEST = 50

const about = `One million mutants of good messages of every type, each with one to four edits, in four families by turns: messages of sessions, which meet
sessions in many states, with and without extensions, in between good ones; Negentropy messages; coded cells; signaling messages and the
link messages in them. Nothing may throw, take ${SLOWEST} ms, answer anything but a result, or leave a session beyond its bounds.`

async function run(seed: number, say: (line: string) => void) {
  const [accepted, refused] = [new Map<string, number>(), new Map<string, number>()]
  let slowest = 0
  for (let round = 0; round < ROUNDS; round++) {
    const fuzz = fuzzMessages(MESSAGES / ROUNDS, seed * ROUNDS + round)
    slowest = Math.max(slowest, fuzz.slowest)
    for (const family of FAMILIES) {
      accepted.set(family, (accepted.get(family) ?? 0) + (fuzz.accepted.get(family) ?? 0))
      refused.set(family, (refused.get(family) ?? 0) + (fuzz.refused.get(family) ?? 0))
    }
    say(`${((round + 1) * MESSAGES) / ROUNDS} mutants, slowest ${slowest.toFixed(1)} ms`)
    await new Promise(resolve => setImmediate(resolve))
  }
  if (slowest >= SLOWEST) throw new Error(`seed ${seed}: a call took ${slowest} ms`)
  const rows = FAMILIES.flatMap(family => [
    [`${family}: dealt with`, accepted.get(family)!],
    [`${family}: refused`, refused.get(family)!],
  ])
  return {
    mutants: MESSAGES,
    crashes: 0,
    'slowest call': `${slowest.toFixed(1)} ms`,
    ...(Object.fromEntries(rows) as Record<string, number>),
  }
}

export default { about, run } satisfies LongRun
