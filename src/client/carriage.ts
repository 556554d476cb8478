import { BoundedMap, utf8, type Emitter } from '../base/index'
import { readSummedText, summedText, type BlockStore } from '../store/index'
import type { CarriedBlock, CarrierHost, CarrierStatus, OpenCarrier } from '../wire/index'
import type { ClientEvents } from './events'
import type { Intake } from './intake'
import type { SyncClientOptions } from './options'
import { sessionIdentity } from './session-host'

/** Lines of the log looked at between two looks at what else there is to do. */
const LINES = 256
/** Blocks that a carrier brought and is not given back. A block forgotten here goes out again, and is known there. */
const REMEMBERED = 8_192

/** The carriers of one client. */
export interface Carriage {
  statuses(): CarrierStatus[]
  /**
   * Resolves once every carrier has taken all that is stored here now, and this node all that they hold for it now; or when
   * `signal` fires.
   */
  caughtUp(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Opens every carrier over the client's store and funnel; when one fails, the others are closed again. */
export async function openCarriers(
  store: BlockStore,
  intake: Intake,
  { signer, network = 'cosmic', carriers = [] }: SyncClientOptions,
  events: Emitter<ClientEvents>,
): Promise<Carriage> {
  const open: { carrier: OpenCarrier; outgoing: Outgoing }[] = []
  const close = async () => {
    await Promise.all(open.map(({ carrier }) => carrier.close()))
    for (const { outgoing } of open) outgoing.stop()
  }
  try {
    for (const carrier of carriers) {
      const outgoing = await Outgoing.open(store, carrier.name)
      const { epoch } = await store.position()
      const host: CarrierHost = {
        ...{ self: signer.did, network, epoch },
        take: envelopes => takeFrom(carrier.name, envelopes, intake, outgoing, events),
        outgoing: (limit, signal) => outgoing.next(limit, signal),
        confirmed: () => outgoing.confirmed(),
        failed: failure => events.emit('unreachable', { remote: carrier.name, failure }),
      }
      open.push({ carrier: await carrier.open(host), outgoing })
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    statuses: () => open.map(({ carrier }) => carrier.status()),
    async caughtUp(signal) {
      const waits = open.flatMap(({ carrier, outgoing }) => [carrier.caughtUp(signal), outgoing.caughtUp(signal)])
      await Promise.all(waits)
    },
    close,
  }
}

/** Through the funnel; a carrier has no identity that a fault could be held against. */
async function takeFrom(
  name: string,
  envelopes: readonly Uint8Array[],
  intake: Intake,
  outgoing: Outgoing,
  events: Emitter<ClientEvents>,
): Promise<{ invalid: boolean }[]> {
  const ids = envelopes.map(bytes => sessionIdentity.identify(bytes))
  for (const id of ids) if (id.ok) outgoing.came(id.value)
  const verdicts = await intake.take(envelopes, name)
  return verdicts.map((verdict, i) => {
    const id = ids[i]!
    const admitted = verdict.status === 'valid' && verdict.admitted
    if (!admitted) events.emit('refused', { peer: name, id: id.ok ? id.value : '', verdict })
    return { invalid: verdict.status === 'invalid' }
  })
}

/**
 * The arrival log as a queue for one carrier. Its place is kept beside the blocks, and moves only once the carrier holds what was
 * read: after a crash some blocks go out twice, and none is left out.
 */
class Outgoing {
  readonly #store: BlockStore
  readonly #key: Uint8Array
  readonly #came = new BoundedMap<true>(REMEMBERED)
  readonly #stop: () => void
  #epoch: string
  #seq: number
  /** Where the blocks answered last end. */
  #reached: number
  #wake = () => {}
  /** Told of every confirmation. */
  readonly #watchers = new Set<() => void>()

  private constructor(store: BlockStore, key: Uint8Array, epoch: string, seq: number) {
    this.#store = store
    this.#key = key
    this.#epoch = epoch
    this.#seq = this.#reached = seq
    this.#stop = store.onChange(({ added }) => added.length > 0 && this.#wake())
  }

  static async open(store: BlockStore, name: string): Promise<Outgoing> {
    const key = utf8(`carrier/${name}`)
    const [epoch, seq] = readSummedText(await store.side.get(key))?.split(' ') ?? []
    const position = await store.position()
    const holds = epoch === position.epoch && Number(seq) <= position.seq
    return new Outgoing(store, key, position.epoch, holds ? Number(seq) : 0)
  }

  /** A block that the carrier brought. */
  came(id: string): void {
    this.#came.set(id, true)
  }

  async next(limit: number, signal: AbortSignal): Promise<readonly CarriedBlock[]> {
    for (;;) {
      const news = new Promise<void>(resolve => (this.#wake = resolve))
      const { blocks, ended } = await this.#read(limit)
      if (blocks.length > 0) return blocks
      if (!ended) continue
      if (signal.aborted) return []
      const stop = () => this.#wake()
      signal.addEventListener('abort', stop)
      await news.finally(() => signal.removeEventListener('abort', stop))
    }
  }

  async confirmed(): Promise<void> {
    if (this.#reached === this.#seq) return
    this.#seq = this.#reached
    await this.#store.side.batch([{ type: 'put', key: this.#key, value: summedText(`${this.#epoch} ${this.#seq}`) }])
    for (const tell of this.#watchers) tell()
  }

  /** Resolves once the carrier holds, or brought, all that the log holds now; or when `signal` fires. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    let goal = await this.#store.position()
    while (!signal.aborted && (this.#epoch !== goal.epoch || this.#seq < goal.seq)) {
      await this.#confirmation(signal)
      const now = await this.#store.position()
      // A log that was begun anew is read from its beginning.
      if (now.epoch !== goal.epoch) goal = now
    }
  }

  async #confirmation(signal: AbortSignal): Promise<void> {
    let watcher = () => {}
    await new Promise<void>(resolve => {
      watcher = resolve
      this.#watchers.add(watcher)
      signal.addEventListener('abort', watcher)
    })
    this.#watchers.delete(watcher)
    signal.removeEventListener('abort', watcher)
  }

  stop(): void {
    this.#stop()
  }

  /** The next held blocks after what was confirmed, and whether the log ends there. */
  async #read(limit: number): Promise<{ blocks: CarriedBlock[]; ended: boolean }> {
    await this.#follow()
    const ids: string[] = []
    let lines = 0
    let reached = this.#seq
    for await (const { seq, id, state } of this.#store.log({ after: this.#seq, limit: LINES })) {
      lines++
      reached = seq
      if (state === 'held' && !this.#came.get(id)) ids.push(id)
      if (ids.length >= limit) break
    }
    const held = await this.#store.getMany(ids)
    const blocks = held.flatMap(stored => (stored ? [{ id: stored.block.id, bytes: stored.block.bytes }] : []))
    this.#reached = reached
    if (blocks.length === 0 && lines > 0) await this.confirmed()
    return { blocks, ended: lines === 0 }
  }

  /** A renewed epoch is another log: it is read from its beginning. */
  async #follow(): Promise<void> {
    const { epoch } = await this.#store.position()
    if (epoch === this.#epoch) return
    this.#epoch = epoch
    this.#seq = 0
  }
}
