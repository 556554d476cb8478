import { CosmicError, Emitter, fail, unwrap } from '../base/index'
import { createBlock, type Block, type ByteSource } from '../block/index'
import { parseDidKey } from '../signer/index'
import type { BlockHistory, BlockStore } from '../store/index'
import type { Interest } from '../sync/index'
import type { Identity, Verdict } from '../validate/index'
import type { ExportOptions, ImportOptions, ImportReport } from './archive'
import type { CopyOptions, CopyReport } from './copy'
import { checkId, checkListening, readClientOptions, readGetOptions } from './check-options'
import type { ClientEvents, ClientStatus } from './events'
import { listenerFailed } from './listener-failed'
import { fitSharedInputs, type FitOptions, type FittedTranslator } from './fit-shared-inputs'
import type { ConnectOptions } from './network'
import type { OpenNetwork } from './open-network'
import type { SyncClientOptions } from './options'
import type { ClientHistoryOptions, RetractOptions } from './versions'
import type { SearchHit, SearchOptions, SearchReport } from './query'
import type { Query } from './query-vector'
import { loadOnDemand } from './load-on-demand'
import { run, type Running } from './running'
import { failureOf, isRefused, publishedOf, type Published } from './refusal'
import { openStream } from './replay-stream'
import type { BlockFilter, BlockStream, SubscribeOptions } from './subscription'
import type { WaitOptions } from './wait-for-sync'

/**
 * An agent's memory: publishes blocks, finds them by meaning, and keeps them the same on every agent it is connected to.
 * Works alone, without transport; everything but `signer` has a default.
 *
 * @example
 * ```ts
 * const client = new SyncClient({ signer: await Signer.generate() })
 * await client.start()
 * await client.publish(await createBlock({ embedding: [0.6, 0.8], model: 'acme:embed-1' }, signer))
 * const { hits } = await client.search([0.6, 0.8], { model: 'acme:embed-1' })
 * await client.close()
 * ```
 */
export class SyncClient implements AsyncDisposable {
  /** This agent's did:key. */
  readonly id: string
  readonly #options: SyncClientOptions
  readonly #events: Emitter<ClientEvents> = new Emitter((error, event) => listenerFailed(this.#events, error, event))
  #running: Promise<Running> | undefined
  #closing: Promise<void> | undefined
  readonly #stop = new AbortController()

  /** Throws `bad-type`, `unknown-field` or `out-of-range` with the field of an option that cannot be. */
  constructor(options: SyncClientOptions) {
    this.#options = readClientOptions(options)
    this.id = this.#options.signer.did
  }

  /** Opens the store and the index, and starts accepting connections. Rejects with `storage`, `closed`, or the transport's error. */
  async start(): Promise<void> {
    if (this.#closing) throw new CosmicError({ code: 'closed', hint: 'a closed client does not start again' })
    await (this.#running ??= run(this.#options, this.#events, this.#stop.signal))
  }

  /** Listens to an event; the returned function stops it. Throws `bad-value` for one that there is not, and `bad-type`. */
  on<K extends keyof ClientEvents>(event: K, listener: (payload: ClientEvents[K]) => unknown): () => void {
    checkListening(event, listener)
    return this.#events.on(event, listener)
  }

  /**
   * Connects to an address such as `ws://127.0.0.1:8080` and keeps it connected (waiting longer after each failure) until
   * `disconnect`; `retry` lets it stand where the first attempt fails, too. Answers the did:key that proved itself there. Rejects with `no-transport`, `bad-address`, `unreachable`,
   * `handshake`, `timeout`, `aborted`.
   */
  async connect(address: string, options?: ConnectOptions): Promise<string> {
    return (await this.#network()).connect(address, options)
  }

  /** Ends the session with a peer (did:key or address), and dials it no more. */
  async disconnect(peer: string): Promise<void> {
    await (await this.#ready()).network?.disconnect(peer)
  }

  /**
   * Verifies and stores a block; resolves when it is durable here. Connected peers hear of it at once, or, when it is
   * dated up to a day ahead of the clock, when its time has come (`reason`). Rejects with the verdict's code when the block is
   * invalid, and with `time-future` when it is dated further ahead. Of profiles and rotations also with `no-recovery` when
   * they have no effect, as far as is known here, and `contested` when they contradict earlier ones. With `retracted`,
   * `expired`, `pruned` or `below-floor` for a block that is not stored here for this reason.
   */
  async publish(block: Block): Promise<Published> {
    const { intake, identities } = await this.#ready()
    if (!((block as Partial<Block> | null)?.bytes instanceof Uint8Array)) {
      throw new CosmicError({ code: 'bad-type', field: 'block', hint: 'a block made by createBlock or decodeBlock' })
    }
    const objection = identities.objection(block)
    if (objection) throw new CosmicError(objection)
    const [verdict] = (await intake.take([block], 'local')) as [Verdict]
    if (isRefused(verdict)) throw new CosmicError(failureOf(verdict))
    return publishedOf(verdict)
  }

  /** The block, if it is here, admitted and not expired (`admitted: false`: in any case). */
  async get(id: string, options: { admitted?: boolean } = {}): Promise<Block | undefined> {
    const { store, verdicts } = await this.#ready()
    const { admitted } = readGetOptions(options, '')
    const stored = await store.get(checkId(id))
    if (!stored || admitted === false) return stored?.block
    return (await verdicts.admits(stored)) ? stored.block : undefined
  }

  /**
   * The versions of a block that are here, by what their author says of them in `supersedes`: heads, the default winner,
   * ancestors, differences. `undefined` when nothing is known of the id. Rejects with `out-of-range`, `aborted`.
   *
   * @example
   * ```ts
   * const history = await client.history(block.id)
   * if (history?.conflict) console.log('current versions', history.heads)
   * const current = history?.winner && (await client.get(history.winner.id))
   * ```
   */
  async history(id: string, options: ClientHistoryOptions = {}): Promise<BlockHistory | undefined> {
    const { store } = await this.#ready()
    const { historyOf } = await loadOnDemand()
    return historyOf(store, checkId(id), this.id, options)
  }

  /**
   * Withdraws a block of this agent's own, or of another key of its identity: signs and publishes its retraction, at which every honest peer erases the block.
   * Nobody can take back what others copied (docs/versions-and-deletion.md). Waits for what `publish` was called with before. Answers the retraction's id; of a block that was
   * withdrawn before, that one's. Rejects with `not-author` for a block of somebody else; `bad-value` for one that is not
   * here (`unheld: true` withdraws it all the same), and for a profile, a rotation or a retraction.
   */
  async retract(id: string, options: RetractOptions = {}): Promise<{ id: string }> {
    const running = await this.#ready()
    const { makeRetraction } = await loadOnDemand()
    await running.intake.published()
    const { block, isNew } = await makeRetraction(running.store, checkId(id), this.#options.signer, running, options)
    return isNew ? this.publish(block) : { id: block.id }
  }

  /**
   * Where a key stands, by the profiles and rotations that are here: the identity that it belongs to, its devices, and
   * whether it ended or is contested.
   *
   * @example
   * ```ts
   * const { status, current } = await client.identity(block.author)
   * ```
   */
  async identity(author: string): Promise<Identity> {
    const { identities } = await this.#ready()
    unwrap(typeof author === 'string' ? parseDidKey(author) : fail({ code: 'bad-did', field: 'author' }))
    return identities.resolve(author)
  }

  /**
   * The admitted blocks nearest in meaning to a text (needs an embedder), a vector (needs its model) or a block, or to any of
   * several of these; pages, at most a few of each author, unlike one another, if the options say so.
   * Blocks of other models are found through published translators. Rejects with `no-embedder`, `no-model`,
   * `wrong-length`, `non-finite`, `limit`, `out-of-range`, `aborted`.
   */
  async search(
    query: Query | readonly Query[],
    options: SearchOptions = {},
  ): Promise<{ hits: SearchHit[]; report: SearchReport }> {
    const { search } = await loadOnDemand()
    return search(query, options, this.#options.embedder, this.#ready())
  }

  /**
   * Every admitted block that passes the filter, as it is stored; with `after`, from a place of the arrival log on. Ends with
   * `return`, the signal, or `close`. Throws
   * `unknown-field` and `bad-type`; `next` rejects with `limit`, `bad-cursor`, `stale-cursor` (docs/sync.md).
   */
  subscribe(filter: BlockFilter = {}, options: SubscribeOptions = {}): BlockStream {
    return openStream(() => this.#ready(), this.#events, this.#closing !== undefined, filter, options)
  }

  /**
   * Fits a translator from texts that are here in both models (equal input hash) and publishes it as signed blocks.
   * Rejects with `too-few-anchors`, `aborted`.
   */
  async fitTranslator(options: FitOptions): Promise<FittedTranslator> {
    const { store, identities } = await this.#ready()
    return fitSharedInputs({ store, identities, self: this.id }, options, async translator => {
      const { id } = await this.publish(await createBlock({ translator }, this.#options.signer))
      return id
    })
  }

  /**
   * The stored blocks as a CAR archive (docs/spec/car.md), admitted or not, in the order in which they came. An export
   * that was cut goes on with `after` (docs/storage.md). Rejects with `aborted`, `stale-cursor`, `storage`.
   *
   * @example
   * ```ts
   * for await (const chunk of client.export({ where: { tags: ['physics'] } })) await file.write(chunk)
   * ```
   */
  async *export(options: ExportOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const { store } = await this.#ready()
    const { exportArchive } = await loadOnDemand()
    yield* exportArchive(store, options)
  }

  /**
   * Verifies and stores the blocks of a CAR archive; they are announced like any others. A block that is refused stops
   * nothing and is counted. Importing a block again changes nothing. When the archive itself is broken off or damaged, its
   * whole blocks are stored, and the promise rejects with `truncated`, `version`, …, the field `archive`, and the `offset`
   * from which to go on. Rejects with `aborted`, `storage`.
   */
  async import(source: ByteSource, options: ImportOptions = {}): Promise<ImportReport> {
    const { intake } = await this.#ready()
    const { importArchive } = await loadOnDemand()
    return importArchive(intake, source, options)
  }

  /**
   * Verifies and stores the blocks of another open store (docs/storage.md). Rejects with `aborted`, `stale-cursor`, `storage`.
   */
  async copyFrom(source: BlockStore, options: CopyOptions = {}): Promise<CopyReport> {
    const { intake } = await this.#ready()
    return (await loadOnDemand()).copyFrom(intake, source, options)
  }

  /** What this agent wants from its peers from now on; `undefined`: everything (docs/sync.md). Rejects as `start` does. */
  async setInterests(interests: readonly Interest[] | undefined): Promise<void> {
    ;(await this.#network()).setInterests(interests)
  }

  /** Resolves when peers (at least one) and carriers are caught up with (docs/sync.md, "Waiting"). Rejects with `aborted`, `closed`, `no-transport`. */
  async waitForSync(options: WaitOptions = {}): Promise<void> {
    const { waitForAll } = await loadOnDemand()
    await waitForAll(this.#events, await this.#ready(), options)
  }

  /**
   * How this agent stands: store, search, and sync with each peer, each wanted address, and all of them together.
   *
   * @example
   * ```ts
   * const { sync, peers } = await client.status()
   * if (sync.state === 'stalled') console.log('nothing gets on', sync.reason, sync.lastError, sync.nextRetry)
   * ```
   */
  async status(): Promise<ClientStatus> {
    const running = await this.#ready()
    return (await loadOnDemand()).clientStatus(this.id, running)
  }

  /**
   * Lets connected peers fetch what was published last (for a second at most), says goodbye to them, and closes transports
   * and storage. A `start` that waits for a service rejects as `closed`. Idempotent.
   */
  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #network(): Promise<OpenNetwork> {
    const { network } = await this.#ready()
    if (network) return network
    throw new CosmicError({ code: 'no-transport', hint: 'pass transports to new SyncClient({ … })' })
  }

  async #ready(): Promise<Running> {
    if (this.#closing) throw new CosmicError({ code: 'closed' })
    if (!this.#running) throw new CosmicError({ code: 'closed', hint: 'call start() first' })
    return this.#running
  }

  async #close(): Promise<void> {
    this.#stop.abort()
    const running = await this.#running?.catch(() => undefined)
    await running?.close()
    this.#events.emit('closed', undefined)
    this.#events.clear()
  }
}
