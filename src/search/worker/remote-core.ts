import { CosmicError, onAbort, throwIfAborted, type Timers } from '../../base/index'
import type { Entry } from '../entry'
import type { SpacePorts } from '../space-ports'
import type { CoreQuery, SavedPage, SavedSpace, SearchCore, Survey } from '../search-core'
import type { SearchResult } from '../search-result'
import {
  failureOf,
  PROTOCOL,
  readFromWorker,
  type Calls,
  type CallName,
  type FromWorker,
  type ToWorker,
} from './messages'
import { linkWorker, type SearchWorker, type WorkerLink } from './search-worker'
import { buffersOf } from './serve-search'

/** While a call waits, a worker that says nothing for so long is taken for dead, in milliseconds: its slices take some ten. */
const SILENCE_MS = 10_000

export interface RemotePorts {
  readonly worker: () => SearchWorker
  readonly timers: Timers
  readonly vectors?: SpacePorts['vectors']
  readonly module?: WebAssembly.Module
  readonly maxBytes?: number
  readonly clustersFrom?: number
  readonly onError?: (error: unknown) => void
  /** The worker is gone: every call was rejected. */
  readonly onDeath: (error: CosmicError) => void
}

interface Pending {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/**
 * An index in a worker.
 *
 * 1. Every call is answered, rejected with the worker's own error, or rejected with `worker` when it dies: none waits for ever.
 * 2. Messages arrive in the order in which they were sent, so a call sees every change before it.
 */
export class RemoteCore implements SearchCore {
  survey: Survey = { kernels: 'scalar', spaces: [], bytes: 0, omitted: 0 }
  readonly #ports: RemotePorts
  readonly #link: WorkerLink
  readonly #pending = new Map<number, Pending>()
  #calls = 0
  #dead: CosmicError | undefined
  #closed = false
  #heard = true
  #stopWatch: (() => void) | undefined

  constructor(ports: RemotePorts) {
    this.#ports = ports
    const { module, maxBytes, clustersFrom } = ports
    this.#link = linkWorker(
      ports.worker(),
      value => this.#hear(value),
      cause => this.#die(cause),
    )
    this.#link.hold(false)
    this.#post({
      ...{ type: 'open', protocol: PROTOCOL, asks: ports.vectors !== undefined },
      ...(module && { module }),
      ...(maxBytes !== undefined && { maxBytes }),
      ...(clustersFrom !== undefined && { clustersFrom }),
    })
  }

  async look(): Promise<Survey> {
    return (this.survey = (await this.#call('look', [])) as Survey)
  }

  add(entries: Iterable<Entry>): void {
    this.#post({ type: 'add', entries: Array.from(entries, entry => ({ ...entry, vector: entry.vector.slice() })) })
  }

  remove(ids: readonly string[]): void {
    this.#post({ type: 'remove', ids })
  }

  redo(pages: readonly SavedPage[]): void {
    this.#post({ type: 'redo', pages: pages.map(({ space, page }) => ({ space, page })) })
  }

  search(query: CoreQuery, signal?: AbortSignal): Promise<SearchResult> {
    return this.#call('search', [query], { ...(signal && { signal }) }) as Promise<SearchResult>
  }

  async settled(): Promise<void> {
    await this.#call('settled', [])
    await this.look()
  }

  async restore(spaces: readonly SavedSpace[], next: number): Promise<void> {
    await this.#call('restore', [spaces, next])
  }

  load(pages: readonly SavedPage[]): Promise<readonly boolean[]> {
    return this.#call('load', [pages], { transfer: buffersOf(pages) }) as Promise<readonly boolean[]>
  }

  async restored(): Promise<void> {
    await this.#call('restored', [])
  }

  lacking(ids: readonly string[]): Promise<readonly string[]> {
    return this.#call('lacking', [ids]) as Promise<readonly string[]>
  }

  endAudit(): Promise<number> {
    return this.#call('endAudit', []) as Promise<number>
  }

  startTaking(): Promise<boolean> {
    return this.#call('startTaking', []) as Promise<boolean>
  }

  take(limit: number): Promise<readonly SavedPage[]> {
    return this.#call('take', [limit]) as Promise<readonly SavedPage[]>
  }

  saved(): Promise<{ spaces: readonly SavedSpace[]; next: number }> {
    return this.#call('saved', []) as Promise<{ spaces: readonly SavedSpace[]; next: number }>
  }

  close(): void {
    this.#closed = true
    this.#die(undefined)
  }

  async #call<N extends CallName>(
    name: N,
    args: Calls[N],
    { signal, transfer = [] }: { signal?: AbortSignal; transfer?: readonly ArrayBuffer[] } = {},
  ): Promise<unknown> {
    throwIfAborted(signal)
    if (this.#dead) throw this.#dead
    const id = this.#calls++
    const abort = () => {
      this.#post({ type: 'abort', id })
      this.#settle(id)?.reject(new CosmicError({ code: 'aborted' }))
    }
    const forget = signal && onAbort(signal, abort)
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject })
        this.#watch()
        this.#post({ type: 'call', id, name, args }, transfer)
      })
    } finally {
      forget?.()
    }
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#dead) return
    try {
      this.#link.post(message, transfer)
    } catch (error) {
      this.#die(error)
    }
  }

  #hear(value: unknown): void {
    const message = readFromWorker(value)
    this.#heard = true
    if (!message) return this.#die('it speaks another language')
    switch (message.type) {
      case 'ready':
        return message.protocol === PROTOCOL ? undefined : this.#die('it is of another version')
      case 'answer':
        return this.#settle(message.id)?.resolve(message.value)
      case 'failed':
        return this.#settle(message.id)?.reject(new CosmicError(message.failure))
      case 'error':
        return this.#ports.onError?.(new CosmicError(message.failure))
      case 'ask':
        return void this.#answer(message)
      case 'pong':
    }
  }

  async #answer({ id, ids }: FromWorker & { type: 'ask' }): Promise<void> {
    try {
      const vectors = await this.#ports.vectors!(ids)
      this.#post({ type: 'vectors', id, vectors })
    } catch (error) {
      this.#post({ type: 'refused', id, failure: failureOf(error) })
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) {
      this.#stopWatch?.()
      this.#stopWatch = undefined
      this.#link.hold(false)
    }
    return pending
  }

  /** While calls wait: asks for a sign of life, and ends a worker that gives none. */
  #watch(): void {
    if (this.#stopWatch) return
    this.#link.hold(true)
    const again = () => {
      if (!this.#heard) return this.#die('it does not answer')
      this.#heard = false
      this.#post({ type: 'ping' })
      this.#stopWatch = this.#ports.timers.set(again, SILENCE_MS, { unref: true })
    }
    this.#heard = true
    again()
  }

  #die(cause: unknown): void {
    if (this.#dead) return
    const failure = this.#closed
      ? ({ code: 'closed', field: 'search' } as const)
      : ({ code: 'worker', field: 'search.worker', hint: `the worker is gone: ${textOf(cause)}` } as const)
    const error = (this.#dead = new CosmicError(failure, { cause }))
    this.#stopWatch?.()
    this.#stopWatch = undefined
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    this.#link.end()
    if (!this.#closed) this.#ports.onDeath(error)
  }
}

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
