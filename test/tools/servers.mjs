import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { PYTHON_PATH } from './python.mjs'

/** Debian's coturn; `TURN_PATH` in the environment names another `turnserver`. */
export const TURN_PATH = process.env.TURN_PATH ?? '/usr/bin/turnserver'

/** Debian's NATS; `NATS_PATH` in the environment names another `nats-server`. */
export const NATS_PATH = process.env.NATS_PATH ?? '/usr/sbin/nats-server'

/** Whether this process may make networks of its own, joined by a wire in user space: tried, since nothing else tells. */
export function hasNamespaces() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  if (!existsSync('/dev/net/tun') || !existsSync(PYTHON_PATH)) return false
  const name = `cosmic-probe-${process.pid}`
  const ip = (/** @type {string[]} */ ...args) => spawnSync('ip', args, { stdio: 'ignore' }).status === 0
  return ip('netns', 'add', name) && ip('netns', 'delete', name)
}
