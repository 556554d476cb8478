import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundlePrograms, type Programs } from '../unit/store/programs'

export interface LargeStoreOptions {
  readonly count: number
  readonly seed: number
  /** How long pages are read, of ids and of blocks each. */
  readonly seconds: number
  readonly signal?: AbortSignal
  /** Blocks that are stored so far, and how many there will be. */
  readonly onProgress?: (done: number, total: number) => void
}

/** How many in a second of the clock, and of the reading process's own time on a processor. */
export interface PageRate {
  readonly clock: number
  readonly processor: number
}

export interface LargeStore {
  readonly blockBytes: number
  readonly fileBytes: number
  /** Blocks in a second, of the time that putting them took. */
  readonly putRate: number
  /** Milliseconds from closed files to the first page; `cold` where the system could be made to forget the file. */
  readonly opened: number
  readonly openedCold: number | undefined
  /** Bytes of memory of a process that has opened it and read one page, beyond those with an empty store. */
  readonly memory: number
  /** The same without what is mapped from files. */
  readonly ownMemory: number | undefined
  /** Pages of 100. */
  readonly ids: PageRate
  readonly whole: PageRate
  /** Pages that were compared with what they must hold. */
  readonly checked: number
}

interface Reading {
  readonly opened: number
  readonly memory: number
  readonly own?: number
  readonly ids: PageRate
  readonly whole: PageRate
  readonly checked: number
}

/** Fills a store on LMDB in a folder, and reads it, each in a process of its own. Throws when a page is wrong. */
export async function measureLargeStore(root: string, options: LargeStoreOptions): Promise<LargeStore> {
  const { count } = options
  const files = { filler: 'large-store-filler.ts', reader: 'large-store-reader.ts' }
  const programs = await bundlePrograms(root, files)
  const [path, empty] = [join(root, 'store'), join(root, 'empty')]
  const filled = await fill(programs, path, options)
  await fill(programs, empty, { ...options, count: 0 })
  const bare = await read(programs, empty, { ...options, count: 0, seconds: 0 })
  const full = await read(programs, path, options)
  const cold = forget(join(path, 'data.mdb')) ? await read(programs, path, { ...options, seconds: 0 }) : undefined
  return {
    blockBytes: filled.bytes,
    fileBytes: readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
    putRate: (count * 1_000) / filled.putting,
    opened: full.opened,
    openedCold: cold?.opened,
    memory: full.memory - bare.memory,
    ownMemory: full.own === undefined || bare.own === undefined ? undefined : full.own - bare.own,
    ids: full.ids,
    whole: full.whole,
    checked: full.checked + (cold?.checked ?? 0),
  }
}

async function fill(programs: Programs, path: string, options: LargeStoreOptions) {
  let last = { done: 0, bytes: 0, putting: 0 }
  await linesOf<typeof last>(programs, 'filler', path, options, line => {
    last = line
    options.onProgress?.(line.done, options.count)
  })
  return last
}

async function read(programs: Programs, path: string, options: LargeStoreOptions): Promise<Reading> {
  let reading = {}
  await linesOf<object>(programs, 'reader', path, options, line => (reading = { ...reading, ...line }))
  return reading as Reading
}

/** Runs a program to its end; aborting ends it at once. */
async function linesOf<T>(
  programs: Programs,
  name: string,
  path: string,
  { count, seed, seconds, signal }: LargeStoreOptions,
  tell: (line: T) => void,
): Promise<void> {
  signal?.throwIfAborted()
  const child = programs.run(name, path, `${count}`, `${seed}`, `${seconds}`)
  const stop = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', stop)
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  for await (const line of createInterface({ input: child.stdout! })) tell(JSON.parse(line) as T)
  const code = await ended
  signal?.removeEventListener('abort', stop)
  signal?.throwIfAborted()
  if (code !== 0) throw new Error(`seed ${seed}: ${name} ended with ${code}`)
}

/** Has the system drop what it keeps of a file in memory. */
function forget(file: string): boolean {
  return spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' }).status === 0
}
