import type { Timers } from '../base/index'
import type { Host } from './simulated-network'
import type { Scheduler } from './scheduler'

/**
 * One run of a process, from its start to its stop or crash. After that none of its timers fires, none of its calls is
 * answered, and whatever of it still runs changes nothing in the world.
 */
export class Life implements Timers {
  alive = true
  /** Timers that wait, by whether they keep a process alive. */
  readonly waiting = { kept: 0, unref: 0 }
  /** Its client has started. */
  started = false
  /** When it began, as `awake` counts. */
  readonly begun: number
  /** Its end has been asked for: calls under way may be refused as `closed`. */
  isStopping = false
  #overdue: (() => void)[] = []
  #sleepsSince: number | undefined
  #slept = 0

  constructor(
    readonly scheduler: Scheduler,
    readonly host: Host,
    /** Counts the runs of one node, from 1. */
    readonly number: number,
  ) {
    this.begun = scheduler.now
  }

  set(callback: () => void, ms: number, { unref = false }: { unref?: boolean } = {}): () => void {
    const kind = unref ? 'unref' : 'kept'
    let waits = true
    const settle = () => {
      if (waits) this.waiting[kind]--
      waits = false
    }
    const fire = () => {
      if (!waits || !this.alive) return
      if (this.asleep) return void this.#overdue.push(fire)
      settle()
      callback()
    }
    this.waiting[kind]++
    const cancel = this.scheduler.schedule(fire, ms)
    return () => {
      settle()
      cancel()
    }
  }

  end(): void {
    this.alive = false
    this.#overdue = []
  }

  get asleep(): boolean {
    return this.#sleepsSince !== undefined
  }

  /** Virtual milliseconds in which the machine was not asleep. */
  get awake(): number {
    return (this.#sleepsSince ?? this.scheduler.now) - this.#slept
  }

  /** Timers that come due wait. */
  sleep(): void {
    this.#sleepsSince ??= this.scheduler.now
  }

  wake(): void {
    if (this.#sleepsSince !== undefined) this.#slept += this.scheduler.now - this.#sleepsSince
    this.#sleepsSince = undefined
    for (const fire of this.#overdue.splice(0)) this.scheduler.schedule(fire, 0)
  }
}
