import { BoundedMap, utf8, type Emitter } from '../base/index'
import { readSummedText, summedText, type BlockStore } from '../store/index'
import type { CarriedBlock, CarrierHost, CarrierStatus, OpenCarrier } from '../wire/index'
import type { ClientEvents } from './events'
import type { Intake } from './intake'
import type { SyncClientOptions } from './options'
import { sessionIdentity } from './session-host'
import { tellStanding, withCarriers, type Standing } from './standing'
import { unlessStopped } from './unless-stopped'

/** Lines of the log looked at between two looks at what else there is to do. */
const LINES = 256
/** Blocks that a carrier brought and is not given back. A block forgotten here goes out again, and is known there. */
const REMEMBERED = 8_192

/** The carriers of one client. */
export interface Carriage {
  statuses(): CarrierStatus[]
  /** Whether one of them has lost its service. */
  isLost(): boolean
  /**
   * Resolves once every carrier has taken all that is stored here now, and this node all that they hold for it now; or when
   * `signal` fires.
   */
  caughtUp(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Opens every carrier over the client's store and funnel; when one fails, the others are closed again. `onChange`: one of them has
 * another state; without a network nobody else tells of it. Rejects with `closed` once `stop` fires while one is opened.
 */
export async function openCarriers(
  store: BlockStore,
  intake: Intake,
  { signer, network = 'cosmic', carriers = [] }: SyncClientOptions,
  events: Emitter<ClientEvents>,
  stop: AbortSignal,
  onChange?: () => void,
): Promise<Carriage> {
  const open: { carrier: OpenCarrier; outgoing: Outgoing }[] = []
  const statuses = () => open.map(({ carrier }) => carrier.status())
  const isLost = () => statuses().some(({ state }) => state !== 'connected')
  const changed = onChange ?? tellStanding(events, () => withCarriers<Standing>({ state: 'alone' }, isLost()))
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
        confirmed: mark => outgoing.confirmed(mark),
        kept: look => outgoing.kept(look),
        failed: failure => events.emit('unreachable', { remote: carrier.name, failure }),
        changed,
      }
      open.push({ carrier: await unlessStopped(carrier.open(host, { signal: stop }), stop), outgoing })
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    statuses,
    isLost,
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

interface Place {
  readonly epoch: string
  readonly seq: number
  readonly mark: number
  readonly keeper?: string
}

/**
 * The arrival log as a queue for one carrier. Its place is kept beside the blocks, and moves only once the carrier holds what was
 * read: after a crash some blocks go out twice, and none is left out. Beside it stands what the carrier kept them in, and how far that had
 * come: where it is lost, everything goes out again.
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
  #keeper: string | undefined
  /** How far the keeper had come with what it confirmed. */
  #mark: number
  /** Counts beginnings anew: what was read before one is of no use after it. */
  #beginnings = 0
  #wake = () => {}
  /** Told of every confirmation. */
  readonly #watchers = new Set<() => void>()

  private constructor(store: BlockStore, key: Uint8Array, place: Place) {
    this.#store = store
    this.#key = key
    this.#epoch = place.epoch
    this.#seq = this.#reached = place.seq
    this.#mark = place.mark
    this.#keeper = place.keeper
    this.#stop = store.onChange(({ added }) => added.length > 0 && this.#wake())
  }

  static async open(store: BlockStore, name: string): Promise<Outgoing> {
    const key = utf8(`carrier/${name}`)
    const [of, seq, mark = 0, ...keeper] = readSummedText(await store.side.get(key))?.split(' ') ?? []
    const { epoch, seq: last } = await store.position()
    const holds = of === epoch && Number(seq) <= last
    const stands = { mark: Number(mark), ...(keeper.length > 0 && { keeper: keeper.join(' ') }) }
    return new Outgoing(store, key, { epoch, seq: holds ? Number(seq) : 0, ...stands })
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

  async confirmed(mark = this.#mark): Promise<void> {
    if (this.#reached === this.#seq) return
    this.#seq = this.#reached
    this.#mark = Math.max(this.#mark, mark)
    await this.#remember()
    for (const tell of this.#watchers) tell()
  }

  async kept(look: Parameters<CarrierHost['kept']>[0]): Promise<void> {
    const confirmed = this.#mark
    const { keeper, mark } = await look()
    const isLost = this.#keeper !== undefined && (keeper !== this.#keeper || mark < confirmed)
    if (keeper === this.#keeper && !isLost) return
    this.#keeper = keeper
    if (isLost) {
      this.#seq = this.#reached = this.#mark = 0
      this.#beginnings++
      this.#came.clear()
    }
    await this.#remember()
    if (isLost) this.#wake()
  }

  #remember(): Promise<void> {
    const place = `${this.#epoch} ${this.#seq} ${this.#mark}${this.#keeper === undefined ? '' : ` ${this.#keeper}`}`
    return this.#store.side.batch([{ type: 'put', key: this.#key, value: summedText(place) }])
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
    const beginnings = this.#beginnings
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
    if (beginnings !== this.#beginnings) return { blocks: [], ended: false }
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
