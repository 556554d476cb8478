import { batchLength, layClaims } from './lay-claims'
import type { Claim, Prover } from '../types'

/** A thread that answers each message of claims, in their order. */
export interface ProverThread {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void
  /** Whether the process stays alive for it. */
  keep(alive: boolean): void
}

/** How a thread tells of itself: `failed` is the last word. */
export interface ProverListener {
  answer(message: { readonly bytes: Uint8Array; readonly proven: Uint8Array }): void
  failed(): void
}

/** `undefined` where none can be started. */
export type StartThread = (listener: ProverListener) => Promise<ProverThread | undefined>

/** With fewer at once a thread is not worth its messages. */
const SMALLEST_BATCH = 24
/** Batches that wait before one more thread is started. */
const CROWD = 3

interface Waiting {
  readonly claim: Claim
  readonly resolve: (proven: boolean) => void
}

interface Member {
  thread?: ProverThread
  /** It has proven a batch whose answers are known. */
  trusted: boolean
  readonly batches: (readonly Waiting[])[]
}

/**
 * Gathers signatures that are asked for in one turn of the event loop and has threads prove them, many by one equation.
 *
 * Invariants: (1) every promise is settled: by the thread's answer, or with `false` when there is no thread, it fails, or
 * the batch is small; (2) `false` says nothing about a signature; (3) a thread is asked for nothing before it gave the right
 * answers to the trial; (4) the process stays alive while a thread owes an answer, and no longer.
 */
export class BatchProver implements Prover {
  readonly #start: StartThread
  readonly #nextTurn: (callback: () => void) => void
  readonly #trial: readonly Claim[]
  readonly #most: number
  readonly #members: Member[] = []
  #waiting: Waiting[] = []
  #spare: Uint8Array | undefined
  #failed = false

  /** `trial`: good claims, with which each thread begins. `most`: threads at once. */
  constructor(
    start: StartThread,
    options: { nextTurn: (callback: () => void) => void; trial: readonly Claim[]; most: number },
  ) {
    this.#start = start
    this.#nextTurn = options.nextTurn
    this.#trial = options.trial
    this.#most = options.most
  }

  prove(...claim: Claim): Promise<boolean> {
    if (this.#failed) return NOT_PROVEN
    return new Promise(resolve => {
      this.#waiting.push({ claim, resolve })
      if (this.#waiting.length === 1) this.#nextTurn(() => this.#flush())
    })
  }

  #flush(): void {
    let waiting = this.#waiting
    this.#waiting = []
    while (waiting.length > 0) {
      const count = batchLength(waiting)
      this.#dispatch(waiting.slice(0, count))
      waiting = waiting.slice(count)
    }
  }

  #dispatch(batch: readonly Waiting[]): void {
    const member = batch.length >= SMALLEST_BATCH ? this.#leastBusy() : undefined
    if (member) this.#post(member, batch)
    else give(batch)
  }

  /** A thread that is proven itself; one more is started where there is none, or where all have much to do. */
  #leastBusy(): Member | undefined {
    const ready = this.#members.filter(({ trusted }) => trusted)
    const [best] = ready.sort((a, b) => a.batches.length - b.batches.length)
    const isStarting = ready.length < this.#members.length
    if (!isStarting && this.#members.length < this.#most && (best?.batches.length ?? CROWD) >= CROWD) void this.#add()
    return best
  }

  async #add(): Promise<void> {
    const member: Member = { trusted: false, batches: [] }
    this.#members.push(member)
    const listener: ProverListener = {
      answer: answer => this.#answer(member, answer),
      failed: () => this.#fail(member),
    }
    try {
      const thread = await this.#start(listener)
      if (thread === undefined || this.#failed) return this.#fail(member)
      member.thread = thread
      const trial = this.#trial.map((claim, i) => ({ claim, resolve: (proven: boolean) => judge(i, proven) }))
      let wrong = 0
      const judge = (i: number, proven: boolean) => {
        if (!proven) wrong++
        if (i < trial.length - 1) return
        if (wrong > 0) this.#fail(member)
        else member.trusted = true
      }
      this.#post(member, trial)
    } catch {
      this.#fail(member)
    }
  }

  #post(member: Member, batch: readonly Waiting[]): void {
    const { bytes, starts } = layClaims(batch, this.#spare)
    this.#spare = undefined
    member.batches.push(batch)
    member.thread!.keep(true)
    member.thread!.post({ bytes, starts }, [bytes.buffer as ArrayBuffer])
  }

  #answer(member: Member, { bytes, proven }: { readonly bytes: Uint8Array; readonly proven: Uint8Array }): void {
    const batch = member.batches.shift()
    if (member.batches.length === 0) member.thread!.keep(false)
    this.#spare = bytes
    batch?.forEach(({ resolve }, i) => resolve(proven[i] === 1))
  }

  /** What works nowhere, or breaks once, is not tried again. */
  #fail(member: Member): void {
    this.#failed = true
    member.trusted = false
    member.thread?.keep(false)
    for (const batch of member.batches.splice(0)) give(batch)
  }
}

const NOT_PROVEN = Promise.resolve(false)

function give(batch: readonly Waiting[]): void {
  for (const { resolve } of batch) resolve(false)
}
