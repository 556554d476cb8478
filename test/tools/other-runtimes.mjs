import path from 'node:path'
import { root } from './run.mjs'

const platform = `${process.platform}-${process.arch}`

/** Deno as its npm package carries it for this machine, without an install script; `DENO_PATH` names another. */
export const DENO_PATH =
  process.env.DENO_PATH ??
  path.join(root, `node_modules/@deno/${platform}${process.platform === 'linux' ? '-glibc' : ''}/deno`)

/** Bun likewise; `BUN_PATH` names another. */
export const BUN_PATH =
  process.env.BUN_PATH ?? path.join(root, `node_modules/@oven/bun-${platform.replace('arm64', 'aarch64')}/bin/bun`)

/** Versions of Node beside the one that runs the tests, from the packages that npm has of them for this machine. */
export const NODE_VERSIONS = { 22: '22.23.3', 24: '24.22.3' }

/**
 * `NODE_22_PATH` and `NODE_24_PATH` name others.
 * @param {22 | 24 | string} major
 */
export function nodePath(major) {
  return (
    process.env[`NODE_${major}_PATH`] ?? path.join(root, `.cache/node-${major}/node_modules/node-${platform}/bin/node`)
  )
}

const arch = process.arch === 'x64' ? '64' : process.arch

/** Workerd likewise; `WORKERD_PATH` names another. */
export const WORKERD_PATH =
  process.env.WORKERD_PATH ??
  path.join(root, `node_modules/@cloudflare/workerd-${process.platform}-${arch}/bin/workerd`)
