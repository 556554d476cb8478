import { Command } from 'commander'
import type { CliHost } from './host'

const SHELLS = ['bash', 'zsh', 'fish'] as const
const HOW: Record<(typeof SHELLS)[number], string> = {
  bash: 'source <(cosmic-embeddings completion bash)',
  zsh: 'source <(cosmic-embeddings completion zsh)',
  fish: 'cosmic-embeddings completion fish | source',
}

/** `completion`: a script by which a shell completes commands, options and settings. */
export function completionCommand(host: CliHost): Command {
  const parent = new Command('completion').description('Print a script by which the shell completes what is typed.')
  for (const shell of SHELLS) {
    parent.addCommand(
      new Command(shell).description(HOW[shell]).action(async (_: unknown, self: Command) => {
        const { completionOf } = await import('./completion/index')
        host.out(completionOf(shell, self.parent!.parent!))
      }),
    )
  }
  return parent
}
