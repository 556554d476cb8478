import { type Clock, CosmicError } from '../base/index'
import { type Block, createBlock, type VectorFields } from '../block/index'
import { SyncClient, type SyncClientOptions, type Validator } from '../client/index'
import type { RetentionPolicy } from '../ingest/index'
import type { SigningIdentity } from '../signer/index'
import { type ErasedBlock, openBlockStore } from '../store/index'
import { CosmicValidator, DEFAULT_MAX_SKEW } from '../validate/index'
import { Life } from './life'
import type { SeededRandom } from './seeded-random'
import { SimulatedDisk } from './simulated-disk'
import type { World } from './world'

/** When every simulated world begins: 2027-01-15T08:00:00Z. */
export const BEGINNING = 1_800_000_000_000

/** After how long the user of a node tries again to connect to whom it could not reach, in milliseconds. */
const CONNECT_AGAIN_MS = 5_000

/** Bytes at the end of a block, inside its signature, by which it is found where it should not be. */
const MARK_BYTES = 24

/** What makes a node differ from the usual one. */
export interface NodeOptions {
  /** Judges for this node; built anew for each run of it. Default: the validator with an open policy. */
  readonly validator?: (parts: NodeParts) => Validator
  /** The last word on the options of its client. */
  readonly client?: (options: SyncClientOptions, parts: NodeParts) => SyncClientOptions
  /** An identity of one's own; default: one that name and seed decide. */
  readonly signer?: SigningIdentity
  /** What it keeps; default: everything. */
  readonly retention?: RetentionPolicy
  /** Retractions of one author that may wait for a block that never came. */
  readonly waiting?: number
}

/** What the simulated world gives a node. */
export interface NodeParts {
  readonly name: string
  readonly clock: Clock
  readonly signer: SigningIdentity
  /** Checks signatures in the thread of the simulation, and counts them. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>
}

/** A machine with a disk, a clock and the production client on it, which starts, stops, crashes and sleeps. */
export class SimulatedNode {
  readonly disk: SimulatedDisk
  readonly clock: Clock = { now: () => Math.floor(BEGINNING + this.world.now * (1 + this.drift) + this.skew) }
  /** Off the true time, in milliseconds, and by how much more with each millisecond. */
  skew = 0
  drift = 0
  /** How far ahead of its clock its validator takes blocks, in milliseconds. */
  maxSkew = DEFAULT_MAX_SKEW
  /** The run under way. */
  life: Life | undefined
  client: SyncClient | undefined
  /** Whom its user wants it to be connected to. */
  readonly wishes = new Set<string>()
  /** Ids of blocks whose `publish` has resolved and that the disk has not been robbed of since. */
  acknowledged = new Set<string>()
  /** When blocks of its own expire, in milliseconds of its clock. */
  readonly expiries = new Map<string, number>()
  /** The highest floor that its disk was seen with. */
  highestFloor = 0
  /** Why what its disk no longer holds was erased, by id. */
  readonly erased = new Map<string, ErasedBlock['reason']>()
  /** Its sessions know no extension of the protocol. */
  plain = false
  /** Signatures checked, blocks handed to the ingest by sessions and put off by it, sessions. */
  readonly work = { verified: 0, received: 0, deferred: 0, sessions: 0, published: 0 }
  /** By did:key of a peer: messages of sessions with it, and their bytes before they were encrypted. */
  readonly sent = new Map<string, { messages: number; bytes: number }>()
  readonly random: SeededRandom
  #lives = 0
  #blocks = 0

  constructor(
    readonly world: World,
    readonly name: string,
    readonly signer: SigningIdentity,
    readonly options: NodeOptions = {},
  ) {
    this.random = world.random.fork(`node/${name}`)
    this.disk = new SimulatedDisk(world.scheduler, this.random.fork('disk'))
  }

  get did(): string {
    return this.signer.did
  }

  /** Runs a client over the disk as it is. Records a failure, which the disk may cause. */
  async start(): Promise<void> {
    if (this.life) return
    const life = new Life(this.world.scheduler, this.world.network.host(this.name), ++this.#lives)
    this.life = life
    this.world.record('start', { node: this.name })
    try {
      const client = new SyncClient(await this.#clientOptions(life))
      if (this.life !== life) return
      this.client = client
      this.#listen(client, life)
      await client.start()
    } catch (error) {
      this.world.failed(this, 'start', error)
      if (this.life === life) await this.crash()
      return
    }
    for (const name of this.wishes) this.#connect(name, life)
  }

  async #clientOptions(life: Life): Promise<SyncClientOptions> {
    const { world, signer } = this
    const verify: NodeParts['verify'] = (...claim) => {
      this.work.verified++
      return world.crypto.channel.verify(...claim)
    }
    const parts: NodeParts = { name: this.name, clock: this.clock, signer, verify }
    const validator: Validator =
      this.options.validator?.(parts) ?? new CosmicValidator({ clock: this.clock }, { verify })
    this.maxSkew = validator.maxSkew ?? DEFAULT_MAX_SKEW
    const options: SyncClientOptions = {
      signer,
      validator,
      storage: await this.#storage(life),
      ...(this.options.retention && { retention: this.options.retention }),
      transports: [world.network.transport(life.host)],
      timing: world.timing,
      ports: {
        clock: this.clock,
        timers: life,
        random: this.random.fork(`life/${life.number}`),
        crypto: { ...world.crypto.channel, verify },
        observe: step => life.alive && world.observe(this, step),
        ...(this.plain && { extensions: [] }),
      },
    }
    return this.options.client?.(options, parts) ?? options
  }

  /** The disk, or the production store over it with a quota of its own. */
  async #storage(life: Life): Promise<NonNullable<SyncClientOptions['storage']>> {
    const storage = this.disk.open(life)
    const { waiting } = this.options
    if (waiting === undefined) return storage
    const random = this.random.fork(`store/${life.number}`)
    return openBlockStore(storage, { waitingRetractionsPerAuthor: waiting, random })
  }

  #listen(client: SyncClient, life: Life): void {
    const { world, name } = this
    client.on('erased', ({ block: { id, reason } }) => this.erased.set(id, reason))
    client.on('connected', ({ remote }) => life.alive && world.record('connected', { node: name, remote }))
    client.on('disconnected', ({ remote, failure }) => {
      if (life.alive) world.record('disconnected', { node: name, remote, ...(failure && { code: failure.code }) })
    })
    client.on('error', ({ error }) => life.alive && world.failed(this, 'client', error))
  }

  /** Orderly: waits for what is under way. No timer may be left. */
  async stop(): Promise<void> {
    const { life, client } = this
    if (!life || !client) return
    this.world.record('stop', { node: this.name })
    await client.close().catch((error: unknown) => this.world.failed(this, 'close', error))
    if (this.life !== life) return
    this.world.stopped(this, life)
    this.#end(life, false)
  }

  /** The process is gone; with `silent`, the machine. */
  async crash(silent = false): Promise<void> {
    const { life } = this
    if (!life) return
    this.world.record('crash', { node: this.name, silent })
    this.#end(life, silent)
    this.disk.crash()
  }

  #end(life: Life, silent: boolean): void {
    life.end()
    this.world.network.crash(life.host, silent)
    this.life = undefined
    this.client = undefined
  }

  sleep(): void {
    if (!this.life) return
    this.world.record('sleep', { node: this.name })
    this.life.sleep()
    this.world.network.sleep(this.life.host)
  }

  wake(): void {
    if (!this.life) return
    this.world.record('wake', { node: this.name })
    this.life.wake()
    this.world.network.wake(this.life.host)
  }

  /** Keeps it connected to another node, as its user would: trying again until it works. */
  connect(name: string): void {
    this.wishes.add(name)
    if (this.life) this.#connect(name, this.life)
  }

  async disconnect(name: string): Promise<void> {
    this.wishes.delete(name)
    await this.client?.disconnect(`sim://${name}`)
  }

  #connect(name: string, life: Life): void {
    if (!life.alive || !this.wishes.has(name)) return
    this.client!.connect(`sim://${name}`).catch((error: unknown) => {
      if (!life.alive) return
      if (!(error instanceof CosmicError)) this.world.failed(this, 'connect', error)
      this.world.scheduler.schedule(() => this.#connect(name, life), CONNECT_AGAIN_MS)
    })
  }

  /** Signs a block with this node's key and clock, and publishes it. Answers the block once it is acknowledged as durable. */
  async publish(fields: Partial<VectorFields> = {}): Promise<Block | undefined> {
    const { client, life } = this
    if (!client || !life) return undefined
    const n = ++this.#blocks
    const block = await createBlock(
      { embedding: [1, n], model: 'sim:two', time: this.clock.now(), tags: [this.name], ...fields },
      this.signer,
    )
    if (block.expires !== undefined) this.expiries.set(block.id, block.expires)
    this.work.published++
    this.world.marks.set(block.id, block.bytes.slice(-MARK_BYTES))
    this.world.record('publish', { node: this.name, block: block.id })
    try {
      await client.publish(block)
    } catch (error) {
      if (life.alive) this.world.failed(this, 'publish', error)
      return undefined
    }
    if (life.alive) this.acknowledged.add(block.id)
    return block
  }

  /** Withdraws a block of its own that it has acknowledged. */
  async retract(id: string): Promise<void> {
    const { client, life } = this
    if (!client || !life) return
    this.work.published++
    this.world.record('retract', { node: this.name, block: id })
    try {
      const retraction = await client.retract(id)
      if (!life.alive) return
      this.acknowledged.delete(id)
      this.acknowledged.add(retraction.id)
    } catch (error) {
      if (life.alive) this.world.failed(this, 'retract', error)
    }
  }
}
