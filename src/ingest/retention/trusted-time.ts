import { type Clock, utf8 } from '../../base/index'
import { readSummedText, summedText, type BlockStore } from '../../store/index'

/** A clock that is as far ahead of the last sweep is not believed at once. */
export const CLOCK_JUMP = 86_400_000
/** For so long it has to go on from there. */
export const CLOCK_PROBATION = 86_400_000
/** A clock that is before 2025 has not been set yet, and removes nothing: it is not remembered. */
const SET = 1_735_689_600_000
/** What is remembered lags by at most this. */
const PRECISION = 3_600_000

/** The time that is believed, and since when another one is on probation, in milliseconds. */
const REMEMBERED = utf8('retention/clock')

/** Why nothing is removed by time beyond `trusted`: the clock is far ahead of it. All in milliseconds. */
export interface ClockDoubt {
  /** The last time that is believed. */
  readonly trusted: number
  /** What the clock said when it was last looked at. */
  readonly now: number
  /** From when on the clock is believed, by itself, unless it is put back before. */
  readonly until: number
}

/**
 * The time by which things are removed for good. A wrong clock is put right, but what was removed by it does not come back.
 *
 * Invariants: (1) it is never ahead of the clock; (2) it goes beyond a jump of the clock only after the clock was seen to be
 * a probation further without having been put back, across restarts too: a process that runs rarely lags by one of its runs.
 */
export class TrustedTime {
  readonly #side: BlockStore['side']
  readonly #newest: () => Promise<number | undefined>
  readonly #clock: Clock
  readonly #always: boolean
  #trusted: number | undefined
  #since: number | undefined
  #remembered: string | undefined
  #kept = 0
  #doubt: ClockDoubt | undefined

  /** `always`: the clock is right, whatever it says. */
  constructor(store: BlockStore, clock: Clock, always: boolean) {
    this.#side = store.side
    // Nothing is remembered of a store of an earlier version, or of one that was damaged there: the newest of its blocks was not yet to come.
    this.#newest = async () => (await store.page({ reverse: true, limit: 1, admittedOnly: false })).items[0]?.block.time
    this.#clock = clock
    this.#always = always
  }

  get doubt(): ClockDoubt | undefined {
    return this.#doubt
  }

  now(): number {
    const now = this.#clock.now()
    return this.#doubt ? Math.min(this.#doubt.trusted, now) : now
  }

  /** Looks at the clock. Rejects as the store does. */
  async look(): Promise<void> {
    const now = this.#clock.now()
    if (this.#always || now < SET) return
    if (this.#trusted === undefined) await this.#read()
    this.#judge(now)
    const since = this.#since
    this.#doubt = since === undefined ? undefined : { trusted: this.#trusted!, now, until: since + CLOCK_PROBATION }
    await this.#remember()
  }

  #judge(now: number): void {
    const since = this.#since
    let trusted = this.#trusted!
    if (since !== undefined && now - since >= CLOCK_PROBATION) trusted = since + CLOCK_PROBATION
    this.#trusted = now - trusted <= CLOCK_JUMP ? Math.max(trusted, now) : trusted
    if (now - trusted <= CLOCK_JUMP) this.#since = undefined
    else if (since === undefined || now < since || trusted > since) this.#since = now
  }

  async #read(): Promise<void> {
    this.#remembered = readSummedText(await this.#side.get(REMEMBERED))
    const [trusted, since] = this.#remembered?.split(' ').map(Number) ?? []
    this.#kept = trusted ?? 0
    this.#trusted = trusted ?? (await this.#newest()) ?? this.#clock.now()
    this.#since = since
  }

  async #remember(): Promise<void> {
    const text = [this.#trusted, this.#since].filter(time => time !== undefined).join(' ')
    const isSettled = this.#since === undefined && !this.#remembered?.includes(' ')
    if (text === this.#remembered || (isSettled && this.#trusted! - this.#kept < PRECISION)) return
    await this.#side.batch([{ type: 'put', key: REMEMBERED, value: summedText(text) }])
    this.#remembered = text
    this.#kept = this.#trusted!
  }
}
