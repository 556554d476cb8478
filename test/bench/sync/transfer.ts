import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContestantName } from './contestants'
import type { Answer, Order } from './party'

export interface Transfer {
  /** Records a second. */
  readonly rate: number
  /** Bytes both ways, above those of the records. */
  readonly overhead: number
  /** The second connection, for the records that are new since the first. */
  readonly again: { readonly ms: number; readonly bytes: number }
  /** Of resident memory, in bytes, the most of either side; and the same without pages of mapped files. */
  readonly peak: number
  readonly own: number
}

export interface Load {
  /** Of the records that are there at first: their file, number and bytes. */
  readonly file: string
  readonly count: number
  readonly bytes: number
  /** Of those that come later. */
  readonly moreFile: string
  readonly more: number
}

/** Brings the records from one process to another, ends the connection, adds some, and brings those. */
export async function transfer(name: ContestantName, load: Load): Promise<Transfer | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  const parties: Party[] = []
  const party = (role: string) => {
    const started = new Party(name, role, path.join(folder, role), load)
    parties.push(started)
    return started
  }
  try {
    const filling = party('fill')
    await filling.answer()
    filling.stop()
    const holder = new Party(name, 'hold', filling.folder, load)
    parties.push(holder)
    // One after the other: the first installs what is missing.
    const { value: address = '', error } = await holder.answer()
    if (error) return undefined
    const fetcher = party('fetch')
    await fetcher.answer()
    const first = await fetcher.time({ order: 'fetch', address: String(address), count: load.count })
    await holder.perform({ order: 'add' })
    const again = await fetcher.time({ order: 'fetch', address: String(address), count: load.count + load.more })
    const sides = [await fetcher.perform({ order: 'end' }), await holder.perform({ order: 'end' })]
    return {
      rate: (load.count * 1_000) / first.ms,
      overhead: first.bytes - load.bytes,
      again,
      peak: Math.max(...sides.map(({ peak }) => peak)),
      own: Math.max(...sides.map(({ own }) => own)),
    }
  } finally {
    for (const each of parties) each.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Records a second of the thread that only verifies and puts. */
export async function limit(load: Load): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  const party = new Party('websocket', 'limit', folder, load)
  try {
    return Number((await party.answer()).value)
  } finally {
    party.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Party {
  readonly #child: ChildProcess
  readonly #answers: Answer[] = []
  #waiting: ((answer: Answer) => void) | undefined

  constructor(
    name: ContestantName,
    role: string,
    readonly folder: string,
    { file, moreFile }: Load,
  ) {
    mkdirSync(folder, { recursive: true })
    this.#child = fork(fileURLToPath(new URL('party.ts', import.meta.url)), [name, role, folder, file, moreFile], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child.on('message', (answer: Answer) => this.#hear(answer))
    this.#child.on('exit', code => this.#hear({ peak: 0, own: 0, error: `${name}, ${role}: ended with ${code}` }))
  }

  async answer(): Promise<Answer> {
    const answer = this.#answers.shift() ?? (await new Promise<Answer>(resolve => (this.#waiting = resolve)))
    if (answer.error !== undefined && answer.error !== 'missing') throw new Error(answer.error)
    return answer
  }

  perform(order: Order): Promise<Answer> {
    this.#child.send(order)
    return this.answer()
  }

  async time(order: Order): Promise<{ ms: number; bytes: number }> {
    const start = performance.now()
    const { value } = await this.perform(order)
    return { ms: performance.now() - start, bytes: Number(value) }
  }

  stop(): void {
    this.#child.kill()
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(answer)
    else this.#answers.push(answer)
  }
}
