// `npm run sim -- --seeds N [--from S] [--scenario NAME] [--trace] [--record FILE] [--signatures MODE] [--plan FILE] [--list]`:
// runs seeds of simulated networks against the built package. A failing seed is made smaller, printed with its trace, and
// kept as a plan below .cache/sim/ for --plan.
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CosmicError } from 'cosmic-embeddings'
import {
  describeEvent,
  type Plan,
  planOf,
  RecordingWriter,
  runPlan,
  type RunReport,
  scenarioOf,
  SCENARIOS,
  shrink,
  sizeOf,
} from 'cosmic-embeddings/simulator'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '0' },
    scenario: { type: 'string' },
    signatures: { type: 'string' },
    trace: { type: 'boolean', default: false },
    record: { type: 'string' },
    plan: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

function wholeNumber(text: string, field: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new CosmicError({ code: 'out-of-range', field, hint: 'a whole number from 0' })
}

function* plans(): Generator<Plan> {
  if (values.plan !== undefined) return yield JSON.parse(readFileSync(values.plan, 'utf8')) as Plan
  const from = wholeNumber(values.from, 'from')
  const { signatures } = values
  if (signatures !== undefined && signatures !== 'real' && signatures !== 'stand-in')
    throw new CosmicError({ code: 'bad-value', field: 'signatures', hint: 'real or stand-in' })
  for (let seed = from; seed < from + wholeNumber(values.seeds, 'seeds'); seed++) {
    const plan = planOf(values.scenario ?? scenarioOf(seed), seed)
    yield signatures ? { ...plan, signatures } : plan
  }
}

async function runOne(plan: Plan): Promise<RunReport> {
  const file = values.record === undefined ? undefined : createWriteStream(values.record)
  const recording = file && new RecordingWriter(plan, line => file.write(`${line}\n`))
  const report = await runPlan(plan, {
    onEvent(event) {
      recording?.event(event)
      if (values.trace) console.log(describeEvent(event))
    },
  })
  recording?.end(report)
  await new Promise<void>(resolve => (file ? file.end(resolve) : resolve()))
  return report
}

async function explain({ plan, violations }: RunReport): Promise<void> {
  for (const { oracle, node = '', message } of violations) console.log(`  ${oracle} ${node}: ${message}`)
  console.log(`  made smaller from ${sizeOf(plan)}:`)
  const small = await shrink(plan, { runs: 200 })
  mkdirSync('.cache/sim', { recursive: true })
  const file = `.cache/sim/${plan.scenario}-${plan.seed}.json`
  writeFileSync(file, `${JSON.stringify(small.plan, undefined, 2)}\n`)
  console.log(`  to ${sizeOf(small.plan)}: npm run sim -- --plan ${file} --trace`)
  await runPlan(small.plan, { onEvent: event => console.log(describeEvent(event)) })
}

async function main(): Promise<void> {
  if (values.list) {
    for (const [name, { story }] of Object.entries(SCENARIOS)) console.log(`${name}: ${story}`)
    return
  }
  const start = performance.now()
  let [passed, failed, exchanged] = [0, 0, 0]
  for (const plan of plans()) {
    const report = await runOne(plan)
    exchanged += report.totals.exchanged
    const isGood = report.violations.length === 0
    if (isGood) passed++
    else failed++
    const { scenario, seed } = plan
    console.log(
      `${isGood ? 'passed' : 'FAILED'} ${scenario} --from ${seed}: ${sizeOf(plan)}, ${report.totals.exchanged} blocks exchanged, digest ${report.digest}`,
    )
    if (!isGood && values.plan === undefined && failed === 1) await explain(report)
    else for (const { oracle, node = '', message } of report.violations) console.log(`  ${oracle} ${node}: ${message}`)
  }
  const seconds = (performance.now() - start) / 1000
  console.log(`${passed} passed, ${failed} failed, ${exchanged} blocks exchanged in ${seconds.toFixed(1)} s`)
  if (failed > 0) process.exitCode = 1
}

await main().catch((error: unknown) => {
  if (!(error instanceof CosmicError)) throw error
  console.error(error.message)
  process.exitCode = 2
})
