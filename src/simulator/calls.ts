import { CosmicError } from '../base/index'
import type { Life } from './life'

/**
 * Within what a call of an honest node's user is answered, in milliseconds that its machine is awake: far more than any disk
 * here takes.
 */
export const ANSWER_MS = 60_000

/** A call of a node's user under way. */
interface OpenCall {
  readonly what: string
  readonly life: Life
  /** Awake milliseconds of its life when it was made. */
  readonly since: number
}

/** What the calls of a node tell of. */
export interface CallReports {
  /** It was refused while its process ran; `since` is when it was made, in virtual milliseconds. */
  failed(what: string, error: unknown, life: Life, since: number): void
  /** It took longer than it may, or does so still. */
  late(what: string, ms: number): void
}

/** The calls of one node's user: each is answered in time, as long as its process lives. */
export class Calls {
  readonly #open = new Set<OpenCall>()

  constructor(readonly reports: CallReports) {}

  /** Calls without an answer, those of processes that have ended among them. */
  get count(): number {
    return this.#open.size
  }

  /** Answers as the call does, or `undefined` when it fails or its process has ended meanwhile. */
  async make<T>(what: string, life: Life, call: () => Promise<T>): Promise<T | undefined> {
    const open: OpenCall = { what, life, since: life.awake }
    const { now } = life.scheduler
    this.#open.add(open)
    try {
      const answer = await call()
      return life.alive ? answer : undefined
    } catch (error) {
      if (life.alive) this.reports.failed(what, error, life, now)
      return undefined
    } finally {
      if (this.#open.delete(open)) this.#look(open)
    }
  }

  /** Reports, once, what has waited for too long; `ms` is how long is too long. */
  check(ms = ANSWER_MS): void {
    for (const call of this.#open) if (this.#look(call, ms)) this.#open.delete(call)
  }

  #look({ what, life, since }: OpenCall, ms = ANSWER_MS): boolean {
    const waited = life.awake - since
    if (life.alive && waited > ms) this.reports.late(what, waited)
    return !life.alive || waited > ms
  }
}

/**
 * Whether the machine below a node explains that a call failed: its disk failed or was full since the call was made, or its
 * process is being stopped.
 */
export function isExplained(error: unknown, life: Life, since: number, diskFailedAt: number): boolean {
  if (!(error instanceof CosmicError)) return false
  if (error.code === 'storage') return diskFailedAt >= since
  return (error.code === 'closed' || error.code === 'aborted') && life.isStopping
}
