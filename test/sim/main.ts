// `npm run sim -- --seeds N [--from S] [--scenario NAME] [--trace] [--record FILE] [--signatures MODE] [--plan FILE] [--list]`:
// runs seeds of simulated networks against the built package. A failing seed is made smaller, printed with its trace, and
// kept as a plan below .cache/sim/ for --plan.
import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CosmicError } from 'cosmic-embeddings'
import {
  describeEvent,
  type Plan,
  planOf,
  readPlan,
  RecordingWriter,
  runPlan,
  type RunReport,
  scenarioOf,
  SCENARIOS,
  shrink,
  sizeOf,
} from 'cosmic-embeddings/simulator'

const OPTIONS = {
  seeds: { type: 'string' },
  from: { type: 'string' },
  scenario: { type: 'string' },
  signatures: { type: 'string' },
  trace: { type: 'boolean' },
  record: { type: 'string' },
  plan: { type: 'string' },
  list: { type: 'boolean' },
} as const

type Flags = ReturnType<typeof parse>

/** What says itself which runs there are, and what it leaves nothing to say for. */
const ALONE = {
  plan: ['seeds', 'from', 'scenario', 'signatures'],
  list: ['seeds', 'from', 'scenario', 'signatures', 'plan', 'record'],
} as const

function parse() {
  return parseArgs({ options: OPTIONS }).values
}

/** What the command line asks for; throws what is wrong with it as `CosmicError`. */
function readFlags(): Flags {
  try {
    const flags = parse()
    for (const [name, others] of Object.entries(ALONE))
      if (flags[name as keyof typeof ALONE] !== undefined)
        for (const other of others) if (flags[other] !== undefined) throw new Error(`--${name} goes without --${other}`)
    return flags
  } catch (cause) {
    const hint = cause instanceof Error ? cause.message : String(cause)
    throw new CosmicError({ code: 'bad-value', field: 'command line', hint }, { cause })
  }
}

function wholeNumber(text: string, field: string, least: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  throw new CosmicError({ code: 'out-of-range', field, hint: `a whole number from ${least}` })
}

function* plansOf(flags: Flags): Generator<Plan> {
  const { plan: file, scenario, signatures } = flags
  if (file !== undefined) return yield readPlan(readText(file))
  if (signatures !== undefined && signatures !== 'real' && signatures !== 'stand-in')
    throw new CosmicError({ code: 'bad-value', field: 'signatures', hint: 'real or stand-in' })
  const from = wholeNumber(flags.from ?? '0', 'from', 0)
  const seeds = wholeNumber(flags.seeds ?? '20', 'seeds', 1)
  if (seeds - 1 > Number.MAX_SAFE_INTEGER - from)
    throw new CosmicError({
      code: 'out-of-range',
      field: 'seeds',
      hint: `the last seed is above ${Number.MAX_SAFE_INTEGER}`,
    })
  for (let i = 0; i < seeds; i++) {
    const seed = from + i
    const plan = planOf(scenario ?? scenarioOf(seed), seed)
    yield signatures ? { ...plan, signatures } : plan
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CosmicError({ code: 'storage', field: 'plan', hint: `${file} cannot be read` }, { cause })
  }
}

/** The file that a run is recorded to: one file holds one run. */
function recordingOf({ record, plan, seeds }: Flags): number | undefined {
  if (record === undefined) return undefined
  if (plan === undefined && Number(seeds) !== 1)
    throw new CosmicError({ code: 'bad-value', field: 'record', hint: 'one run at a time: --seeds 1, or --plan' })
  return writing(record, 'record', () => openSync(record, 'w'))
}

function writing<T>(file: string, field: string, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    throw new CosmicError({ code: 'storage', field, hint: `${file} cannot be written` }, { cause })
  }
}

async function runOne(
  plan: Plan,
  { trace: isTraced, record = '' }: Flags,
  file: number | undefined,
): Promise<RunReport> {
  const write = (line: string) => writing(record, 'record', () => writeSync(file!, `${line}\n`))
  const recording = file === undefined ? undefined : new RecordingWriter(plan, write)
  const report = await runPlan(plan, {
    onEvent(event) {
      recording?.event(event)
      if (isTraced) console.log(describeEvent(event))
    },
  })
  recording?.end(report)
  return report
}

function tell({ violations }: RunReport): void {
  for (const { oracle, node = '', message } of violations) console.log(`  ${oracle} ${node}: ${message}`)
}

async function explain({ plan }: RunReport): Promise<void> {
  console.log(`  made smaller from ${sizeOf(plan)}:`)
  const small = await shrink(plan, { runs: 200 })
  const file = `.cache/sim/${plan.scenario}-${plan.seed}.json`
  writing(file, 'plan', () => {
    mkdirSync('.cache/sim', { recursive: true })
    writeFileSync(file, `${JSON.stringify(small.plan, undefined, 2)}\n`)
  })
  console.log(`  to ${sizeOf(small.plan)}: npm run sim -- --plan ${file} --trace`)
  await runPlan(small.plan, { onEvent: event => console.log(describeEvent(event)) })
}

async function main(): Promise<void> {
  const flags = readFlags()
  if (flags.list) {
    for (const [name, { story }] of Object.entries(SCENARIOS)) console.log(`${name}: ${story}`)
    return
  }
  const plans = plansOf(flags)
  // What is wrong with the first plan is told before a file is emptied.
  const first = plans.next()
  const file = recordingOf(flags)
  const start = performance.now()
  let [passed, failed, exchanged] = [0, 0, 0]
  for (let next = first; !next.done; next = plans.next()) {
    const plan = next.value
    const report = await runOne(plan, flags, file)
    exchanged += report.totals.exchanged
    const isGood = report.violations.length === 0
    if (isGood) passed++
    else failed++
    const { scenario, seed } = plan
    console.log(
      `${isGood ? 'passed' : 'FAILED'} ${scenario} --from ${seed}: ${sizeOf(plan)}, ${report.totals.exchanged} blocks exchanged, digest ${report.digest}`,
    )
    tell(report)
    if (!isGood && flags.plan === undefined && failed === 1) await explain(report)
  }
  const seconds = (performance.now() - start) / 1000
  console.log(`${passed} passed, ${failed} failed, ${exchanged} blocks exchanged in ${seconds.toFixed(1)} s`)
  if (failed > 0) process.exitCode = 1
}

// 1: a seed failed. 2: wrong usage.
await main().catch((error: unknown) => {
  if (!(error instanceof CosmicError)) throw error
  console.error(error.message)
  process.exitCode = 2
})
