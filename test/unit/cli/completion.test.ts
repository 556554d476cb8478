import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, runCommand } from './run-command'

const cwd = newFolder()
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await runCommand(['completion', shell])
    expect(code).toBe(0)
    writeFileSync(path.join(cwd, shell), out)
  }
  writeFileSync(path.join(cwd, 'memory.car'), '')
})

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `source ./bash
    COMP_WORDS=(cosmic-embeddings ${words.map(word => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length}
    _cosmic_embeddings
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.trim().split('\n')
}

test.skipIf(!has('bash'))('bash completes commands, those below them, options and settings', () => {
  expect(offered('do')).toEqual(['doctor'])
  expect(offered('')).toEqual(
    expect.arrayContaining(['init', 'create', 'search', 'peers', 'sim', 'completion', '--help']),
  )
  expect(offered('config', '')).toEqual(expect.arrayContaining(['show', 'schema']))
  expect(offered('config', 'show', '--j').sort()).toEqual(['--json', '--jsonl'])
  expect(offered('search', '--json', '--li')).toEqual(['--like'])
  expect(offered('peers', 'a')).toEqual(['add'])
  expect(offered('serve', '--set', 'storage.k')).toEqual(['storage.kind='])
  expect(offered('create', '--tag', 'c')).toEqual([''])
})

test.skipIf(!has('fish'))('fish completes commands, those below them, options and settings', () => {
  const of = (line: string) => {
    const script = `source ./fish; complete -C 'cosmic-embeddings ${line}'`
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, HOME: cwd },
    })
    return stdout
      .trim()
      .split('\n')
      .map(each => each.split('\t', 1)[0])
  }
  expect(of('do')).toEqual(['doctor'])
  expect(of('config s').sort()).toEqual(['schema', 'show'])
  expect(of('search --li')).toEqual(['--like'])
  expect(of('serve --set storage.k')).toEqual(['storage.kind='])
})

/** A shell in a terminal of its own, in which the key that completes is pressed; what completion adds goes to a file. */
const IN_ZSH = `
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source ./zsh'
zpty -w shell 'compadd() {
  [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] && { builtin compadd "$@"; return }
  local -a found; builtin compadd -A found "$@"; (( $#found )) && print -r -- "\${(F)found}" >> ./found
}; bindkey "^I" complete-word; print RE""ADY'
wait_for() { for turn in {1..200}; do eval "$1" && return; sleep 0.05; done; }
said=; wait_for 'zpty -r -t shell line && said+=$line; [[ $said == *READY* ]]'
zpty -w -n shell "cosmic-embeddings $1"$'\\t'
wait_for '[[ -s found ]]'
cat found; rm found; zpty -d shell`

test.skipIf(!has('zsh'))('zsh completes commands, those below them, options and settings', () => {
  const of = (line: string) => {
    const { stdout } = spawnSync('zsh', ['-f', '-c', IN_ZSH, 'zsh', line], { cwd, encoding: 'utf8', timeout: 20_000 })
    return stdout.trim().split('\n')
  }
  expect(of('doct')).toEqual(['doctor'])
  expect(of('config s').sort()).toEqual(['schema', 'show'])
  expect(of('search --li')).toEqual(['--like'])
  expect(of('serve --set storage.k')).toEqual(['storage.kind'])
})

test('a shell that is unknown is wrong usage', async () => {
  expect((await runCommand(['completion', 'tcsh'])).code).toBe(2)
})

test('the script is one JSON value where that is asked for', async () => {
  const { code, out } = await runCommand(['completion', 'zsh', '--json'])
  expect([code, JSON.parse(out)]).toEqual([0, { shell: 'zsh', script: expect.stringContaining('#compdef') }])
})
