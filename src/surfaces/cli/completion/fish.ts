import { flat, type CommandWord, type OptionWord } from './words'

/** A completion for fish: `cosmic-embeddings completion fish | source`. */
export function fishCompletion(program: CommandWord, settings: readonly string[]): string {
  const lines = flat(program).flatMap(({ path, commands, options, takesFiles }) => {
    const here = conditionOf(path, commands)
    return [
      ...(path !== '' && !takesFiles ? [`complete -c cosmic-embeddings -n ${quote(here)} -f`] : []),
      ...commands.map(
        ({ name, description }) =>
          `complete -c cosmic-embeddings -n ${quote(here)} -f -a ${quote(name)} -d ${quote(description)}`,
      ),
      ...options.map(option => `complete -c cosmic-embeddings -n ${quote(here)} ${specOf(option, settings)}`),
    ]
  })
  return `# fish completion of cosmic-embeddings; made by \`cosmic-embeddings completion fish\`
${lines.join('\n')}
`
}

/** In the one command, and in none of those below it. */
function conditionOf(path: string, commands: readonly CommandWord[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  if (path === '') return '__fish_use_subcommand'
  const inside = path.split(' ').map(name => `__fish_seen_subcommand_from ${name}`)
  return [...inside, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ')
}

function specOf({ name, description, value }: OptionWord, settings: readonly string[]): string {
  const long = `-l ${name.replace(/^--/, '')} -d ${quote(description)}`
  switch (value) {
    case undefined:
      return long
    case 'file':
      return `${long} -r -F`
    case 'setting':
      return `${long} -x -a ${quote(settings.map(each => `${each}=`).join(' '))}`
    default:
      return `${long} -x`
  }
}

/** fish knows `\'` and `\\` inside single quotes. */
const quote = (text: string) => `'${text.replace(/['\\]/g, String.raw`\$&`)}'`
