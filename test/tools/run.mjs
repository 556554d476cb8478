import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Says what runs, runs it with its output shown on standard error, and says how long it took.
 * Standard output stays free for the command's own answer, such as a benchmark's JSON.
 *
 * @param {string} title
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {boolean} whether it succeeded
 */
export function run(title, command, args) {
  say(title)
  const start = performance.now()
  const windows = process.platform === 'win32'
  const { status, error } = spawnSync(command, [...args], { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (error) say(`${title}: ${error.message}`)
  say(`${title}: ${status === 0 ? 'done' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return status === 0
}

/**
 * Starts a script of this folder, which goes on beside what is run next.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {() => Promise<boolean>} waits for its end: whether it succeeded
 */
export function startBeside(script, args) {
  const child = spawn(process.execPath, [`test/tools/${script}`, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
  const ended = once(child, 'exit')
  return async () => (await ended)[0] === 0
}

/**
 * Runs a program of `node_modules/.bin`'s packages through Node itself, which works the same on every system.
 *
 * @param {string} title
 * @param {string} script path below `node_modules/`
 * @param {readonly string[]} args
 */
export function runTool(title, script, args) {
  return run(title, process.execPath, [`node_modules/${script}`, ...args])
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`» ${line}\n`)
}
