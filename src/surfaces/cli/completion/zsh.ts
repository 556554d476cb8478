import { flat, quote, type CommandWord, type OptionWord } from './words'

/** A completion for zsh: `source <(cosmic-embeddings completion zsh)`, or a file `_cosmic-embeddings` on `fpath`. */
export function zshCompletion(program: CommandWord, settings: readonly string[]): string {
  const all = flat(program)
  const cases = all.map(({ path, commands, options, takesFiles }) => {
    const words = commands.map(({ name, description }) => quote(`${colons(name)}:${colons(description)}`))
    const specs = options.map(option => quote(specOf(option)))
    return `    ${quote(path)})
      commands=(${words.join(' ')})
      options=(${specs.join(' ')})
      files=${takesFiles ? 1 : 0} ;;`
  })
  const names = all.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  return `#compdef cosmic-embeddings
# zsh completion of cosmic-embeddings; made by \`cosmic-embeddings completion zsh\`
_cosmic_embeddings_settings() {
  local -a names
  names=(${settings.map(quote).join(' ')})
  compadd -S '=' -a names
}
_cosmic_embeddings() {
  local at='' candidate word files=0
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    candidate="\${at:+$at }$word"
    case $candidate in
      ${names.join('|')}) at=$candidate ;;
    esac
  done
  case $at in
${cases.join('\n')}
  esac
  if [[ \${words[CURRENT]} != -* && \${words[CURRENT-1]} != -* && \${#commands} -gt 0 ]]; then
    _describe -t commands command commands
    return
  fi
  if (( files )); then _arguments -s "\${options[@]}" '*:file:_files'; else _arguments -s "\${options[@]}" '*:word: '; fi
}
if [[ \${funcstack[1]} == _cosmic_embeddings ]]; then _cosmic_embeddings "$@"; else compdef _cosmic_embeddings cosmic-embeddings; fi
`
}

function specOf({ name, description, value }: OptionWord): string {
  const head = `*${name}[${description.replace(/[[\]\\:]/g, String.raw`\$&`)}]`
  switch (value) {
    case undefined:
      return head
    case 'file':
      return `${head}:file:_files`
    case 'setting':
      return `${head}:setting:_cosmic_embeddings_settings`
    default:
      return `${head}:value: `
  }
}

const colons = (text: string) => text.replaceAll(':', String.raw`\:`)
