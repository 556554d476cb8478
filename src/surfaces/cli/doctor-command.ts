import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import type { CheckName, Finding } from '../doctor/index'
import { Refused } from './block-commands'
import { action, command, repeated, wholeNumber, type Context, unlike } from './context'
import type { CliHost } from './host'
import { paint, plain, type Paint } from './output'

interface DoctorFlags {
  readonly only?: readonly string[]
  readonly offline?: boolean
  readonly deep?: boolean
  readonly time?: string
  readonly timeout: number
}

/** `doctor`: what a node of these settings needs, what is wrong, and what mends it. */
export function doctorCommand(host: CliHost): Command {
  return command('doctor', 'Look at settings, disk, keys, store, clock, ports, model and network; say what mends them.')
    .option('--only <check>', 'only this check; may be repeated', repeated)
    .addOption(unlike('--offline', 'ask no service', 'time'))
    .option('--deep', 'compare all indexes of the store with its records, however many blocks there are')
    .option('--time <url>', 'compare the clock with this service too')
    .option('--timeout <seconds>', 'how long a service may take to answer', wholeNumber('--timeout', 1, 300), 5)
    .action(action<DoctorFlags>(host, (context, _args, flags) => doctor(context, flags)))
}

async function doctor(context: Context, flags: DoctorFlags): Promise<void> {
  const { host, output } = context
  const { CHECKS, diagnose } = await import('../doctor/index')
  const only = flags.only as readonly CheckName[] | undefined
  const foreign = only?.find(name => !CHECKS.includes(name))
  if (foreign !== undefined) throw new CosmicError({ code: 'bad-value', field: '--only', hint: CHECKS.join(', ') })
  let wrong = 0
  const tell = (finding: Finding) => {
    if (finding.status === 'failed') wrong++
    output.item(finding, line(host, finding))
  }
  const config = await settings(context, tell)
  const { offline = false, deep = false, time, timeout } = flags
  const options = {
    ...{ signal: host.stop, timeoutMs: timeout * 1_000, isOffline: offline, isDeep: deep },
    ...(time !== undefined && { timeUrl: time }),
    ...(only && { only }),
  }
  if (config) for await (const finding of diagnose(config, options)) tell(finding)
  output.end()
  if (wrong > 0) throw new Refused(`${wrong} ${wrong === 1 ? 'check' : 'checks'} failed`)
}

/** Settings that cannot be are a finding, after which there is nothing to look at. */
async function settings({ resolve }: Context, tell: (finding: Finding) => void) {
  try {
    const { config, origins } = await resolve()
    const from = [...new Set(origins.values())]
    tell({ check: 'settings', status: 'ok', message: from.length > 0 ? `from ${from.join(', ')}` : 'all defaults' })
    return config
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    const message = `${error.message}${error.hint && !error.message.includes(error.hint) ? ` (${error.hint})` : ''}`
    tell({ check: 'settings', status: 'failed', message, fix: 'npx cosmic-embeddings config schema' })
    return undefined
  }
}

const MARKS: Record<Finding['status'], readonly [string, Paint]> = {
  ok: ['ok', 'green'],
  warning: ['warning', 'yellow'],
  failed: ['FAILED', 'red'],
  skipped: ['skipped', 'dim'],
}

function line(host: CliHost, { check, status, message, fix }: Finding): string {
  const [mark, color] = MARKS[status]
  const head = `${paint(host, color, mark.padEnd(8))} ${check.padEnd(10)} ${plain(message)}`
  return fix === undefined ? head : `${head}\n${' '.repeat(20)}${paint(host, 'bold', plain(fix))}`
}
