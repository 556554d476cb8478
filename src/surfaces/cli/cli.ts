import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { CosmicError } from '../../base/index'
import { signalCommand } from './signal-command'

/** What the command line needs from its process, so that tests can stand in for it. */
export interface CliHost {
  out(text: string): void
  err(text: string): void
  /** Aborted when the user asks to stop (Ctrl-C). */
  readonly stop: AbortSignal
}

/** Exit codes: documented in `--help`, and stable. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

const EXIT_HELP = `
Exit codes:
  0  done, or stopped with Ctrl-C
  1  failed: the reason is one line on standard error
  2  wrong usage`

/** Runs one command line, without the program's name, to its exit code. Never throws for what a user can do wrong. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  const program = new Command('cosmic-embeddings')
    .description('Signed, verifiable, searchable memory that AI agents share peer to peer.')
    .version(ownVersion())
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({ writeOut: text => host.out(text), writeErr: text => host.err(text) })
  program.addCommand(signalCommand(host).copyInheritedSettings(program))
  try {
    await program.parseAsync(args, { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    if (!(error instanceof CosmicError)) throw error
    host.err(`error: ${error.message}${error.hint ? ` (${error.hint})` : ''}\n`)
    return EXIT.failed
  }
}

/** The package asks for itself by name, so the answer is the same from the sources and from the build. */
function ownVersion(): string {
  const manifest = createRequire(import.meta.url)('cosmic-embeddings/package.json') as { version: string }
  return manifest.version
}
