import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { decodeBlock } from 'cosmic-embeddings'
import { fuzzDecoder } from './decoder-fuzz'
import type { LongRun } from './long-run'

const BLOCKS = 1_000_000
const ROUNDS = 20
const SLOWEST = 50
const LARGEST_GROWTH = 8

const about = `One million mutants of the valid vectors, which hold every kind and field, each with one to four edits: bytes changed, cut, doubled and spliced,
lengths and heads that decoders stumble over, half of them inside the payload with the envelope put right around it. No call
may throw, take ${SLOWEST} ms or return anything but a result; what is accepted must be canonical in the eyes of @ipld/dag-cbor; the
memory in use may not grow by more than ${LARGEST_GROWTH} MB from the first twentieth to the last.`

async function run(seed: number, say: (line: string) => void) {
  const counts = new Map<string, number>()
  let [accepted, slowest, first, last] = [0, 0, 0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const fuzz = fuzzDecoder(decodeBlock, BLOCKS / ROUNDS, seed * ROUNDS + round)
    accepted += fuzz.accepted
    slowest = Math.max(slowest, fuzz.slowest)
    for (const [code, count] of fuzz.refused) counts.set(code, (counts.get(code) ?? 0) + count)
    last = megabytesInUse()
    if (round === 0) first = last
    say(
      `${((round + 1) * BLOCKS) / ROUNDS} mutants, ${accepted} accepted, slowest ${slowest.toFixed(1)} ms, ${last.toFixed(1)} MB`,
    )
  }
  if (slowest >= SLOWEST) throw new Error(`seed ${seed}: a call took ${slowest} ms`)
  if (last - first > LARGEST_GROWTH) throw new Error(`seed ${seed}: memory grew from ${first} to ${last} MB`)
  const codes = [...counts].sort(([, a], [, b]) => b - a).map(([code, count]) => [`refused as \`${code}\``, count])
  return {
    mutants: BLOCKS,
    crashes: 0,
    'slowest call': `${slowest.toFixed(1)} ms`,
    'growth of memory': `${(last - first).toFixed(1)} MB`,
    accepted,
    ...(Object.fromEntries(codes) as Record<string, number>),
  }
}

/** After a full collection, so that only what is held counts. */
function megabytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

export default { about, run } satisfies LongRun
