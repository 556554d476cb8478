import { Command } from 'commander'
import { action, command } from './context'
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
  for (const shell of SHELLS) parent.addCommand(scriptCommand(host, shell))
  return parent
}

function scriptCommand(host: CliHost, shell: (typeof SHELLS)[number]): Command {
  const self = command(shell, HOW[shell])
  return self.action(
    action(host, async ({ output }) => {
      const { completionOf } = await import('./completion/index')
      const script = completionOf(shell, self.parent!.parent!)
      output.answer({ shell, script }, script.trimEnd())
    }),
  )
}
