import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'vitest'
import { runCli } from '../../../src/surfaces/cli/cli'

export interface Given {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Answers to questions, in order. */
  readonly answers?: readonly string[]
  /** Sees each piece of output and may ask to stop. */
  readonly watch?: (text: string, stop: () => void) => void
  /** Is handed what asks to stop. */
  readonly onStart?: (stop: () => void) => void
}

/** Runs one command line in this process. */
export async function runCommand(args: readonly string[], given: Given = {}) {
  const { cwd = tmpdir(), env = {}, input = '', answers, watch = () => {} } = given
  const stop = new AbortController()
  given.onStart?.(() => stop.abort())
  const left = [...(answers ?? [])]
  let [out, err] = ['', '']
  const code = await runCli(args, {
    out: text => {
      out += text
      watch(text, () => stop.abort())
    },
    err: text => void (err += text),
    stop: stop.signal,
    cwd,
    env,
    async *input() {
      yield typeof input === 'string' ? new TextEncoder().encode(input) : input
    },
    ...(answers && { ask: async () => Promise.resolve(left.shift() ?? '') }),
    hasTerminal: false,
  })
  return { code, out, err }
}

export function newFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'cosmic-cli-'))
}

/** What a command answers as JSON, without having failed; each test knows its shape. */
export async function answerOf(args: readonly string[], given: Given): Promise<ReturnType<typeof JSON.parse>> {
  const { code, out, err } = await runCommand([...args, '--json'], given)
  expect([args, code, err]).toEqual([args, 0, ''])
  return JSON.parse(out)
}
