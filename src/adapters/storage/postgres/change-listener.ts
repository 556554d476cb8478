import type { Database } from './database'
import type { Notice } from './head'
import type { PostgresConnection } from './pool'

/** Milliseconds before a lost connection is made again; each failure doubles it. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000

/** `notify`: told by the server over a connection of its own; a number: asks every so many milliseconds; `none`: not at all. */
export type Following = 'notify' | 'none' | number

/** Calls `read` when another process may have changed something. */
export class ChangeListener {
  readonly #db: Database
  readonly #notice: Notice
  readonly #read: () => Promise<void>
  #stopped = false
  #connection: PostgresConnection | undefined
  #cancel: () => void = () => {}
  #soon: ReturnType<typeof setTimeout> | undefined

  constructor(db: Database, notice: Notice, read: () => Promise<void>) {
    this.#db = db
    this.#notice = notice
    this.#read = read
  }

  /** Resolves once nothing is missed any more. */
  async start(following: Following): Promise<void> {
    if (following === 'notify') await this.#listen()
    else if (typeof following === 'number') this.#ask(following)
  }

  /** Something could not be read: whatever is told or asked for, it is read again in a while. */
  readSoon(): void {
    if (this.#stopped || this.#soon) return
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      void this.#read()
    }, FIRST_PAUSE)
    this.#soon.unref()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    clearTimeout(this.#soon)
    // It has a session of its own: it goes, instead of being lent to others.
    this.#connection?.release(true)
    this.#connection = undefined
  }

  async #listen(): Promise<void> {
    const connection = await this.#db.connect()
    if (this.#stopped) return connection.release(true)
    this.#connection = connection
    const lost = () => {
      if (this.#connection !== connection) return
      this.#connection = undefined
      connection.release(true)
      this.#again(FIRST_PAUSE)
    }
    connection.on('error', lost)
    connection.on('end', lost)
    connection.on('notification', message => {
      if ((message as { payload?: string }).payload !== this.#notice.writer) void this.#read()
    })
    try {
      await connection.query({ text: `LISTEN "${this.#notice.channel}"` })
    } catch (error) {
      lost()
      throw error
    }
  }

  /** What came while nobody listened is read, too. */
  #again(pause: number): void {
    this.#wait(pause, async () => {
      try {
        await this.#listen()
        await this.#read()
      } catch {
        this.#again(Math.min(LONGEST_PAUSE, 2 * pause))
      }
    })
  }

  #ask(period: number): void {
    this.#wait(period, async () => {
      await this.#read()
      this.#ask(period)
    })
  }

  #wait(pause: number, body: () => Promise<void>): void {
    if (this.#stopped) return
    const timer = setTimeout(() => void body(), pause)
    timer.unref()
    this.#cancel = () => clearTimeout(timer)
  }
}
