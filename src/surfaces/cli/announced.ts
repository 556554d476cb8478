import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config, Logger } from '../../setup/index'

/** What a `serve` says of itself in its folder, where only its own user writes. */
export interface Announced {
  readonly pid: number
  readonly url: string
  /** Where peers reach it. */
  readonly addresses: readonly string[]
}

const fileOf = ({ folder }: Config) => path.join(folder, 'serve.json')

/**
 * Writes down that this process serves, and where, so that commands with the same settings ask it, and nobody else who holds its
 * port. Answers what takes it back. A folder that takes no files costs only that.
 */
export async function announce(
  config: Config,
  place: Omit<Announced, 'pid'>,
  logger: Pick<Logger, 'warn'>,
): Promise<() => Promise<void>> {
  const file = fileOf(config)
  const own: Announced = { pid: process.pid, ...place }
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    // Made anew, so that the mode holds, and no link is followed.
    await rm(file, { force: true })
    await writeFile(file, JSON.stringify(own), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    logger.warn({ error }, 'other commands will not find this serve')
  }
  return async () => {
    const last = await read(file)
    if (last?.pid === own.pid && last.url === own.url) await rm(file, { force: true })
  }
}

/** The `serve` of this folder, while its process lives. It is asked nothing. */
export async function announced(config: Config): Promise<Announced | undefined> {
  const found = await read(fileOf(config))
  return found && lives(found.pid) ? found : undefined
}

async function read(file: string): Promise<Announced | undefined> {
  try {
    const { pid, url, addresses } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    if (!Number.isSafeInteger(pid) || (pid as number) <= 0 || typeof url !== 'string') return undefined
    const known = Array.isArray(addresses) ? addresses.filter(each => typeof each === 'string') : []
    return { pid: pid as number, url, addresses: known }
  } catch {
    return undefined
  }
}

/** Whether a process of this user has the number: one of somebody else's got it later. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
