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

const arch = process.arch === 'x64' ? '64' : process.arch

/** Workerd likewise; `WORKERD_PATH` names another. */
export const WORKERD_PATH =
  process.env.WORKERD_PATH ??
  path.join(root, `node_modules/@cloudflare/workerd-${process.platform}-${arch}/bin/workerd`)
