#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import { addAbortSignal } from 'node:stream'
import { EXIT, type CliHost } from './host'
import { ownVersion } from './own-version'

const stop = new AbortController()
let isLost = false
/** As shells tell that a signal ended a command: 128 and its number. What was stopped before it was done never ends with 0. */
const STOPS = { SIGINT: EXIT.stopped, SIGTERM: 143, SIGPIPE: 141 } as const
let stoppedBy: keyof typeof STOPS | undefined
function stopFor(signal: keyof typeof STOPS): void {
  stoppedBy ??= signal
  stop.abort()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopFor(signal))
// Whoever reads the output may have enough of it (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.stderr.write(`error: standard output cannot be written: ${error.message}\n`)
    isLost = true
  }
  stopFor('SIGPIPE')
})
// Whoever started this in a pipe may not want its errors either.
process.stderr.on('error', () => {})
// Stopped before anybody reads, it tells whoever reads later, instead of ending the process.
process.stdin.on('error', () => {})

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question, { signal: stop.signal })
  } catch (error) {
    // The terminal is asked for single keys meanwhile: Ctrl-C and Ctrl-D come as such, and no signal does.
    if ((error as { code?: unknown }).code === 'ABORT_ERR') stopFor('SIGINT')
    throw error
  } finally {
    terminal.close()
  }
}

const host: CliHost = {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  stop: stop.signal,
  cwd: process.cwd(),
  env: process.env,
  // Who asks to stop does not wait for whatever else would come in.
  input: () => addAbortSignal(stop.signal, process.stdin),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
  hasTerminal: process.stderr.isTTY === true,
  hasColor: process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
}

/** Scripts ask for the version before anything else: it needs no command to be loaded. */
async function run(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    host.out(`${ownVersion()}\n`)
    return EXIT.done
  }
  const { runCli } = await import('./cli')
  return runCli(args, host)
}

let code = await run(process.argv.slice(2))
if (code === EXIT.stopped && stoppedBy) {
  code = STOPS[stoppedBy]
  if (stoppedBy !== 'SIGPIPE') host.err('stopped before it was done\n')
}
// The last write may fail only after the command has ended.
process.on('exit', () => {
  process.exitCode = isLost ? EXIT.failed : code
})
