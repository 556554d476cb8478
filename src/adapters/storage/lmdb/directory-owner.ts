import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CosmicError } from '../../../base/index'

/** A process as the owner file names it. */
interface Holder {
  readonly pid: number
  /** Tells a process from a later one of the same number; absent where the system does not say when a process began. */
  readonly start?: string
}

/**
 * Which process may write to a directory: the one that its file `owner.json` names, as long as that process lives. So a
 * process that was killed locks nobody out.
 *
 * Invariant: the file is written, and compared before each write to the database, under the engine's lock on writers,
 * which holds across processes. So even when a living owner was taken for dead (two containers with process numbers of
 * their own share the directory), only one of them goes on writing, and the other one's next batch says so.
 */
export class DirectoryOwner {
  readonly #file: string
  readonly #own: string

  constructor(directory: string) {
    this.#file = join(directory, 'owner.json')
    const start = startOf(process.pid)
    this.#own = JSON.stringify({ pid: process.pid, ...(start !== undefined && { start }) } satisfies Holder)
  }

  /** Throws `storage` while a living process, this one included, has the directory open. */
  assertFree(): void {
    const found = this.#read()
    const holder = found === undefined ? undefined : parseHolder(found)
    if (holder === undefined || !isAlive(holder)) return
    const { pid } = holder
    const hint =
      pid === process.pid
        ? 'this process has it open already: share the one storage'
        : `another process has it open (${pid}): close it there first, or choose another directory`
    throw new CosmicError({ code: 'storage', field: 'path', hint })
  }

  /** Only under the engine's lock on writers. */
  claim(): void {
    this.assertFree()
    writeFileSync(this.#file, this.#own)
  }

  /** Only under the engine's lock on writers. */
  assertHeld(): void {
    if (this.#read() === this.#own) return
    throw new CosmicError({ code: 'storage', field: 'path', hint: 'another process has taken the directory over' })
  }

  /** Only under the engine's lock on writers. */
  release(): void {
    if (this.#read() === this.#own) rmSync(this.#file)
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

/** `undefined` for what a crash left behind while it was written. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, start } = JSON.parse(text) as Record<string, unknown>
    if (!Number.isInteger(pid) || (pid as number) <= 0) return undefined
    return { pid: pid as number, ...(typeof start === 'string' && { start }) }
  } catch {
    return undefined
  }
}

function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // A process that is there but someone else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  return now === undefined || now === start
}

/** Linux: the start of the system and the tick in which a process began (proc(5)); one that has ended but is not yet collected began never. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return 'ended'
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[18]}`
  } catch {
    return undefined
  }
}
