import { concat } from '../../base/index'
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
/** As many go to a thread before the turn ends. */
const FULL_BATCH = 256
/** Batches that wait before one more thread is started. */
const CROWD = 3
const MOST_SPARES = 2

/** `answer` is called once, with 1 for each claim that is proven. */
interface Batch {
  readonly claims: readonly Claim[]
  readonly answer: (proven: Uint8Array) => void
}

interface Member {
  thread?: ProverThread
  /** It has proven a batch whose answers are known. */
  trusted: boolean
  readonly batches: Batch[]
}

/**
 * Has threads prove signatures, many by one equation: those that are asked for together at once, so that a thread is at work
 * while the caller goes on, and single ones gathered over one turn of the event loop.
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
  #waiting: Claim[] = []
  #gathered: ((proven: boolean) => void)[] = []
  /** Buffers of batches that were answered. */
  readonly #spares: Uint8Array[] = []
  #settled: (() => void)[] = []
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
      this.#waiting.push(claim)
      this.#gathered.push(resolve)
      if (this.#waiting.length === 1) this.#nextTurn(() => this.#flush())
      if (this.#waiting.length === FULL_BATCH) this.#flush()
    })
  }

  /** Few are gathered with others of this turn. */
  async proveAll(claims: readonly Claim[]): Promise<Uint8Array> {
    if (this.#failed) return new Uint8Array(claims.length)
    if (claims.length >= SMALLEST_BATCH) return this.#dispatchAll(claims)
    const proven = await Promise.all(claims.map(claim => this.prove(...claim)))
    return Uint8Array.from(proven, Number)
  }

  #flush(): void {
    const [waiting, gathered] = [this.#waiting, this.#gathered]
    this.#waiting = []
    this.#gathered = []
    void this.#dispatchAll(waiting).then(proven => gathered.forEach((resolve, i) => resolve(proven[i] === 1)))
  }

  async #dispatchAll(claims: readonly Claim[]): Promise<Uint8Array> {
    const answers: Promise<Uint8Array>[] = []
    for (let from = 0, rest = claims; rest.length > 0; rest = claims.slice(from)) {
      const batch = rest.slice(0, batchLength(rest))
      from += batch.length
      answers.push(new Promise(answer => this.#dispatch({ claims: batch, answer })))
    }
    return answers.length === 1 ? answers[0]! : concat(...(await Promise.all(answers)))
  }

  #dispatch(batch: Batch): void {
    const member = batch.claims.length >= SMALLEST_BATCH ? this.#leastBusy() : undefined
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
      const judge = (proven: Uint8Array) => {
        if (this.#trial.every((_, i) => proven[i] === 1)) member.trusted = true
        else this.#fail(member)
      }
      this.#post(member, { claims: this.#trial, answer: judge })
    } catch {
      this.#fail(member)
    }
  }

  #post(member: Member, batch: Batch): void {
    const { bytes, starts } = layClaims(batch.claims, this.#spares.pop())
    member.batches.push(batch)
    member.thread!.keep(true)
    member.thread!.post({ bytes, starts }, [bytes.buffer as ArrayBuffer])
  }

  #answer(member: Member, { bytes, proven }: { readonly bytes: Uint8Array; readonly proven: Uint8Array }): void {
    const batch = member.batches.shift()
    if (member.batches.length === 0) member.thread!.keep(false)
    if (this.#spares.length < MOST_SPARES) this.#spares.push(bytes)
    if (batch) this.#settle(batch, proven)
  }

  /** In the next turn, with whatever was answered by then, so that those who store what is proven do it together. */
  #settle({ answer }: Batch, proven: Uint8Array): void {
    this.#settled.push(() => answer(proven))
    if (this.#settled.length > 1) return
    this.#nextTurn(() => {
      for (const settle of this.#settled.splice(0)) settle()
    })
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

function give({ claims, answer }: Batch): void {
  answer(new Uint8Array(claims.length))
}
