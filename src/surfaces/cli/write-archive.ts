import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A whole file or none, which gets its name once it is complete. Links are followed; a pipe or a device is written straight into. */
export async function writeArchive(archive: AsyncIterable<Uint8Array>, name: string): Promise<void> {
  const source = Readable.from(archive)
  const found = await stat(name).catch(() => undefined)
  if (found && !found.isFile()) return pipeline(source, createWriteStream(name))
  const target = await targetOf(name)
  const part = `${target}.${randomUUID()}.part`
  try {
    await pipeline(source, createWriteStream(part, { mode: 0o600, flags: 'wx' }))
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** Where links lead, also to what is not there yet; rejects for links in a circle. */
async function targetOf(name: string): Promise<string> {
  try {
    return await realpath(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const next = await readlink(name).catch(() => undefined)
    return next === undefined ? name : targetOf(path.resolve(path.dirname(name), next))
  }
}
