import type { Command } from 'commander'

/** One option as completion offers it. */
export interface OptionWord {
  readonly name: string
  readonly description: string
  /** A value follows: of a file, a setting, or anything. */
  readonly value?: 'file' | 'setting' | 'any'
}

/** One command with all that may follow it. */
export interface CommandWord {
  /** Such as `config show`; empty for the program itself. */
  readonly path: string
  readonly name: string
  readonly description: string
  readonly options: readonly OptionWord[]
  readonly commands: readonly CommandWord[]
  /** Whether files may follow. */
  readonly takesFiles: boolean
}

/** What the program offers, read from itself: so no word is forgotten, and none is made up. */
export function wordsOf(command: Command, path = ''): CommandWord {
  const of = (name: string) => (path === '' ? name : `${path} ${name}`)
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.map(({ long, short, description, flags }) => ({
        name: long ?? short!,
        description,
        ...valueOf(long, flags),
      })),
      { name: '--help', description: 'display help for command' },
    ],
    commands: command.commands.map(each => wordsOf(each, of(each.name()))),
    takesFiles: command.registeredArguments.some(argument => /file|folder/.test(argument.name())),
  }
}

function valueOf(long: string | undefined, flags: string): Pick<OptionWord, 'value'> {
  const value = /[<[]([^>\]]+)/.exec(flags)?.[1]
  if (value === undefined) return {}
  if (long === '--set') return { value: 'setting' }
  return { value: /file|path/.test(value) ? 'file' : 'any' }
}

/** All of them, the program first. */
export function flat(word: CommandWord): CommandWord[] {
  return [word, ...word.commands.flatMap(flat)]
}

/** In single quotes, as all three shells read them. */
export const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`
