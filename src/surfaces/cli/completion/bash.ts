import { flat, quote, type CommandWord } from './words'

/** A completion for bash 3.2 and later: `source <(cosmic-embeddings completion bash)`. */
export function bashCompletion(program: CommandWord, settings: readonly string[]): string {
  const all = flat(program)
  const cases = all.map(({ path, commands, options, takesFiles }) => {
    const words = [...commands.map(({ name }) => name), ...options.map(({ name }) => name)].join(' ')
    return `    ${quote(path)}) words=${quote(words)}; files=${takesFiles ? 1 : 0} ;;`
  })
  const names = all.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  const valued = (kind: string) =>
    [
      ...new Set(all.flatMap(({ options }) => options.flatMap(({ name, value }) => (value === kind ? [name] : [])))),
    ].join('|')
  return `# bash completion of cosmic-embeddings; made by \`cosmic-embeddings completion bash\`
_cosmic_embeddings() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' files=0 i candidate
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] && continue
    candidate="\${path:+$path }\${COMP_WORDS[i]}"
    case $candidate in
      ${names.join('|')}) path=$candidate ;;
    esac
  done
  [[ $prev == '=' ]] && return
  case $prev in
    ${valued('file')}) compopt -o default 2>/dev/null; return ;;
    ${valued('setting')})
      COMPREPLY=($(compgen -W ${quote(settings.join(' '))} -S '=' -- "$cur"))
      compopt -o nospace 2>/dev/null
      return ;;
    ${valued('any')}) return ;;
  esac
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $files == 1 && $cur != -* ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _cosmic_embeddings cosmic-embeddings
`
}
