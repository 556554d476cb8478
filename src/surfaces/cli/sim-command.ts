import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { amended, CosmicError } from '../../base/index'
import type { Plan, RunReport } from '../../simulator/index'
import { Refused } from './block-commands'
import { action, command, wholeNumber, type Context, unlike } from './context'
import type { CliHost } from './host'

interface SimFlags {
  readonly seeds: number
  readonly from: number
  readonly scenario?: string
  readonly plan?: string
  readonly keep?: string
  readonly list?: boolean
}

const MAX_SEED = 4_294_967_295
const SHRINK_RUNS = 200

/** `sim`: networks of nodes in which a seed decides everything, judged by what must always hold (docs/simulator.md). */
export function simCommand(host: CliHost): Command {
  return command('sim', 'Run simulated networks with faults and attackers, and judge what must always hold.')
    .option('--seeds <number>', 'how many', wholeNumber('--seeds', 1, 1_000_000), 10)
    .option('--from <seed>', 'the first one', wholeNumber('--from', 0, MAX_SEED), 0)
    .option('--scenario <name>', 'all of this scenario (default: they take turns)')
    .addOption(unlike('--plan <file>', 'run this plan instead of seeds', 'seeds', 'from', 'scenario'))
    .option('--keep <file>', 'where the plan of the first failure goes, made smaller')
    .addOption(unlike('--list', 'list the scenarios', 'plan', 'keep', 'seeds', 'from', 'scenario'))
    .action(action<SimFlags>(host, (context, _args, flags) => simulate(context, flags)))
}

async function simulate(context: Context, flags: SimFlags): Promise<void> {
  const { host, output } = context
  const { runPlan, SCENARIOS, sizeOf } = await import('../../simulator/index')
  if (flags.list) {
    for (const [name, { story }] of Object.entries(SCENARIOS))
      output.item({ name, story }, `${name.padEnd(24)} ${story}`)
    return output.end()
  }
  let failures = 0
  for await (const plan of plansOf(host, flags)) {
    host.stop.throwIfAborted()
    const report = await runPlan(plan)
    const { violations, digest, totals } = report
    const hasPassed = violations.length === 0
    const mark = hasPassed ? 'passed' : 'FAILED'
    const told = violations.map(({ oracle, node = '', message }) => `\n  ${oracle} ${node}: ${message}`)
    output.item(
      { scenario: plan.scenario, seed: plan.seed, passed: hasPassed, digest, exchanged: totals.exchanged, violations },
      `${mark} ${plan.scenario} ${plan.seed}: ${sizeOf(plan)}, ${totals.exchanged} blocks exchanged${told.join('')}`,
    )
    if (!hasPassed && failures++ === 0) await keep(context, report, flags)
  }
  output.end()
  if (failures > 0) throw new Refused(`${failures} failed`)
}

async function* plansOf(host: CliHost, { seeds, from, scenario, plan }: SimFlags): AsyncGenerator<Plan> {
  const { planOf, scenarioOf } = await import('../../simulator/index')
  if (plan !== undefined) return yield await planIn(path.resolve(host.cwd, plan))
  for (let seed = from; seed < from + seeds; seed++)
    yield asFlag('--scenario', () => planOf(scenario ?? scenarioOf(seed), seed))
}

async function planIn(file: string): Promise<Plan> {
  const { readPlan } = await import('../../simulator/index')
  let json: string
  try {
    json = await readFile(file, 'utf8')
  } catch (cause) {
    throw new CosmicError({ code: 'storage', field: '--plan', hint: `${file} cannot be read` }, { cause })
  }
  return asFlag('--plan', () => readPlan(json))
}

/** What is refused is the fault of this option. */
function asFlag<T>(flag: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    const within = error.field === undefined || flag.endsWith(error.field) ? flag : `${flag} ${error.field}`
    throw new CosmicError(amended(error, { field: within }), { cause: error })
  }
}

async function keep({ host }: Context, { plan }: RunReport, { keep: file }: SimFlags): Promise<void> {
  if (file === undefined) return
  const { shrink } = await import('../../simulator/index')
  const small = await shrink(plan, { runs: SHRINK_RUNS })
  try {
    await writeFile(path.resolve(host.cwd, file), `${JSON.stringify(small.plan, undefined, 2)}\n`)
  } catch (cause) {
    throw new CosmicError({ code: 'storage', field: '--keep', hint: `${file} cannot be written` }, { cause })
  }
  host.err(`kept in ${file}: sim --plan ${file}\n`)
}
