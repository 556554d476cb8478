import type { Command } from 'commander'
import { settings } from '../../../setup/index'
import { bashCompletion } from './bash'
import { fishCompletion } from './fish'
import { wordsOf } from './words'
import { zshCompletion } from './zsh'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** The script for a shell. */
export function completionOf(shell: keyof typeof SCRIPTS, program: Command): string {
  const names = settings().map(({ path }) => path)
  return SCRIPTS[shell](wordsOf(program), names)
}
