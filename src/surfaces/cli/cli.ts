import { Command, CommanderError } from 'commander'
import { CosmicError } from '../../base/index'
import { exportCommand, importCommand, salvageCommand } from './archive-commands'
import { inspectCommand, Refused, verifyCommand } from './block-commands'
import { completionCommand } from './completion-command'
import { configCommand } from './config-command'
import { createCommand } from './create-command'
import { doctorCommand } from './doctor-command'
import { EXIT, type CliHost } from './host'
import { initCommand } from './init-command'
import { mcpCommand } from './mcp-command'
import { ownVersion } from './own-version'
import { peersCommand } from './peers-command'
import { searchCommand } from './search-command'
import { serveCommand } from './serve-command'
import { signalCommand } from './signal-command'
import { simCommand } from './sim-command'
import { skyCommand } from './sky-command'
import { careCommand, historyCommand, idCommand, relatedCommand, retractCommand, statsCommand } from './store-commands'
import { syncCommand } from './sync-command'

export { EXIT, type CliHost } from './host'

const EXIT_HELP = `
Exit codes:
  0  done, also what runs until Ctrl-C (serve, signal, mcp)
  1  failed: the reason is one line on standard error
  2  wrong usage
  3  some of what was to be judged, imported or exported is invalid, refused or damaged, or a check of doctor or a seed of sim
     failed
  4  nothing is invalid, and some blocks are dated ahead: they wait, or come later
  130, 143, 141  stopped before it was done: by Ctrl-C, SIGTERM, or because nobody reads the output any more`

/** Runs one command line, without the program's name, to its exit code. Never throws for what a user can do wrong. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  const program = new Command('cosmic-embeddings')
    .description('Signed, verifiable, searchable memory that AI agents share peer to peer.')
    .version(ownVersion())
    .addHelpText('after', EXIT_HELP)
    // What follows a command below another one is its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: text => host.out(text), writeErr: text => host.err(text) })
  for (const each of commands(host)) program.addCommand(settled(each, program))
  try {
    await program.parseAsync(args, { from: 'user' })
    return EXIT.done
  } catch (error) {
    return exitCodeOf(error, host)
  }
}

function commands(host: CliHost): Command[] {
  return [
    initCommand(host),
    idCommand(host),
    createCommand(host),
    searchCommand(host),
    syncCommand(host),
    serveCommand(host),
    mcpCommand(host),
    verifyCommand(host),
    inspectCommand(host),
    relatedCommand(host),
    historyCommand(host),
    retractCommand(host),
    exportCommand(host),
    importCommand(host),
    salvageCommand(host),
    statsCommand(host),
    careCommand(host, 'check'),
    careCommand(host, 'repair'),
    skyCommand(host),
    configCommand(host),
    signalCommand(host),
    doctorCommand(host),
    peersCommand(host),
    simCommand(host),
    completionCommand(host),
  ]
}

/** Errors and help of a subcommand go the way of the program's. */
function settled(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const each of command.commands) settled(each, parent)
  return command
}

function exitCodeOf(error: unknown, host: CliHost): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (host.stop.aborted) return EXIT.stopped
  if (error instanceof Refused) {
    host.err(`${error.message}\n`)
    return error.exitCode
  }
  // A disk or a file that fails is no fault of this program.
  if (isOfSystem(error)) {
    host.err(`error: ${error.message}\n`)
    return EXIT.failed
  }
  if (!(error instanceof CosmicError)) throw error
  const { message, hint = '' } = error
  host.err(`error: ${message}${message.includes(hint) ? '' : ` (${hint})`}\n`)
  // An option, or an argument as the usage writes it.
  return /^(--|<)/.test(error.field ?? '') ? EXIT.usage : EXIT.failed
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && !(error instanceof CosmicError)
}
