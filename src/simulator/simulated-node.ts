import { type Clock, CosmicError, nearestName, refuse } from '../base/index'
import { type Block, createBlock, type VectorFields } from '../block/index'
import { SyncClient, type SyncClientOptions, type Validator } from '../client/index'
import type { RetentionPolicy } from '../ingest/index'
import type { SigningIdentity } from '../signer/index'
import type { ErasedBlock, KeyValueStorage } from '../store/index'
import { checkInterests, type Interests } from '../sync/index'
import { DEFAULT_MAX_SKEW } from '../validate/index'
import { ANSWER_MS, Calls } from './calls'
import { nodeName } from './check-values'
import { clientOptionsOf } from './client-options-of'
import { Life } from './life'
import { listenTo } from './listen-to'
import { SeededRandom } from './seeded-random'
import { SimulatedDisk } from './simulated-disk'
import { Wants } from './wants'
import type { WatchedStorage } from './watched-storage'
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
  readonly client?: (options: GivenOptions, parts: NodeParts) => SyncClientOptions
  /** An identity of one's own; default: one that name and seed decide. */
  readonly signer?: SigningIdentity
  /** What it keeps; default: everything. */
  readonly retention?: RetentionPolicy
  /** Retractions of one author that may wait for a block that never came. */
  readonly waiting?: number
}

/** What a client would be made of: its storage is the simulated disk, in front of which an adapter may be put. */
export type GivenOptions = SyncClientOptions & { readonly storage: KeyValueStorage }

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
  /** Its clock was set. */
  hasJumped = false
  /** How far ahead of its clock its validator takes blocks, in milliseconds. */
  maxSkew = DEFAULT_MAX_SKEW
  /** The run under way. */
  life: Life | undefined
  client: SyncClient | undefined
  /** What its client was last made of, before its owner had the last word. */
  given: { readonly options: GivenOptions; readonly parts: NodeParts } | undefined
  /** The storage that its owner has put in front of its disk, in the run under way or the last one. */
  watched: WatchedStorage | undefined
  /** Whom its user wants it to be connected to. */
  readonly wishes = new Set<string>()
  /** Ids of blocks whose `publish` has resolved and that the disk has not been robbed of since. */
  acknowledged = new Set<string>()
  /** The same of blocks of others that its ingest has told a session to be stored. */
  stored = new Set<string>()
  /** When blocks of its own expire, in milliseconds of its clock. */
  readonly expiries = new Map<string, number>()
  /** The highest floor that its disk was seen with. */
  highestFloor = 0
  /** Why what its disk no longer holds was erased, by id. */
  readonly erased = new Map<string, ErasedBlock['reason']>()
  /** In which of its lives, and after how many milliseconds awake, that happened. */
  readonly erasedAt = new Map<string, { readonly life: Life; readonly awake: number }>()
  /** Ids that its ingest refused or put off, that its peers no longer had, or that were erased from a disk it has had. */
  readonly declined = new Set<string>()
  /** What its client was last told to keep. */
  retention: RetentionPolicy | undefined
  /** What it wants of others. */
  readonly wants = new Wants()
  /** Its sessions know no extension of the protocol. */
  plain = false
  /** Signatures checked, blocks handed to the ingest by sessions and put off by it, sessions. */
  readonly work = { verified: 0, received: 0, deferred: 0, sessions: 0, published: 0 }
  /** By did:key of a peer: messages of sessions with it, and their bytes before they were encrypted. */
  readonly sent = new Map<string, { messages: number; bytes: number }>()
  /** What its user has asked of it. */
  readonly calls: Calls = new Calls({
    failed: (what, error, life, since) => this.world.failed(this, what, error, life, since),
    late: (what, ms) => this.world.violate('answers', `${what} has had no answer for ${Math.round(ms)} ms`, this),
  })
  readonly random: SeededRandom
  #lives = 0
  #blocks = 0

  constructor(
    readonly world: World,
    readonly name: string,
    readonly signer: SigningIdentity,
    readonly options: NodeOptions = {},
  ) {
    if (!(world?.random instanceof SeededRandom)) refuse('bad-type', 'world', 'await World.create({ seed })')
    this.random = world.random.fork(`node/${nodeName(name, 'name')}`)
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
    await this.calls.make('start', life, () => this.#run(life))
    if (this.life !== life) return
    if (!life.started) return this.crash()
    for (const name of this.wishes) this.#connect(name, life)
  }

  async #run(life: Life): Promise<void> {
    const client = new SyncClient(await clientOptionsOf(this, life))
    if (this.life !== life) return
    this.client = client
    listenTo(this, client, life)
    await client.start()
    life.started = true
  }

  /** Orderly: waits for what is under way. No timer may be left, and no call without an answer. */
  async stop(): Promise<void> {
    const { life, client } = this
    if (!life || !client) return
    this.world.record('stop', { node: this.name })
    life.isStopping = true
    await this.calls.make('close', life, () => client.close())
    if (this.calls.count > 0) await this.world.scheduler.sleep(0)
    if (this.life !== life) return
    this.calls.check(-1)
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

  /**
   * Keeps it connected to another node, as its user would: trying again until it works. Throws `bad-type` or `bad-value` for
   * whom the world does not have, and for itself.
   */
  connect(name: string): void {
    this.wishes.add(this.#anotherOf(name))
    if (this.life) this.#connect(name, this.life)
  }

  async disconnect(name: string): Promise<void> {
    this.wishes.delete(this.#anotherOf(name))
    await this.client?.disconnect(`sim://${name}`)
  }

  #anotherOf(name: string): string {
    const { nodes, network } = this.world
    if (nodeName(name, 'name') === this.name) refuse('bad-value', 'name', `${name} itself`)
    if (nodes.has(name) || network.has(name)) return name
    return refuse('bad-value', 'name', `the world has no ${name}: ${nearestName(name, [...nodes.keys()])}`)
  }

  #connect(name: string, life: Life): void {
    if (!life.alive || !this.wishes.has(name)) return
    this.client!.connect(`sim://${name}`).catch((error: unknown) => {
      if (!life.alive) return
      if (!(error instanceof CosmicError)) this.world.failed(this, 'connect', error, life, this.world.now)
      this.world.scheduler.schedule(() => this.#connect(name, life), CONNECT_AGAIN_MS)
    })
  }

  /** Signs a block with this node's key and clock, and publishes it. Answers the block once it is acknowledged as durable. */
  async publish(fields: Partial<VectorFields> = {}): Promise<Block | undefined> {
    const { client, life } = this
    if (!client || !life) return undefined
    const block = await this.#sign(fields, life)
    if (!block) return undefined
    if (block.expires !== undefined) this.expiries.set(block.id, block.expires)
    this.work.published++
    this.world.marks.set(block.id, block.bytes.slice(-MARK_BYTES))
    this.world.published.set(block.id, block)
    this.world.record('publish', { node: this.name, block: block.id })
    const published = await this.calls.make('publish', life, () => client.publish(block))
    if (published) this.acknowledged.add(block.id)
    return published && block
  }

  /** Rejects as `createBlock` does; a signature that never comes is a call without an answer. */
  async #sign(fields: Partial<VectorFields>, life: Life) {
    const n = ++this.#blocks
    const given = { embedding: [1, n], model: 'sim:two', time: this.clock.now(), tags: [this.name], ...fields }
    const signing = createBlock(given, this.signer)
    const isAnswered = await this.calls.make('sign', life, () => Promise.allSettled([signing]))
    return isAnswered && signing
  }

  /** Withdraws a block of its own that it has acknowledged. */
  async retract(id: string): Promise<void> {
    const { client, life } = this
    if (!client || !life) return
    this.work.published++
    this.world.record('retract', { node: this.name, block: id })
    const retraction = await this.calls.make('retract', life, () => client.retract(id))
    if (!retraction) return
    this.acknowledged.delete(id)
    this.acknowledged.add(retraction.id)
  }

  /** Wants something else of others from now on. */
  async want(interests: Interests): Promise<void> {
    this.wants.change(checkInterests(interests))
    this.world.record('want', { node: this.name, interests })
    const { client, life } = this
    if (client && life) await this.calls.make('setInterests', life, () => client.setInterests(interests))
  }

  /** Asks the client, while time goes by. `undefined` when it fails or does not answer, which is a violation, or does not run. */
  async ask<T>(what: string, call: (client: SyncClient) => Promise<T>): Promise<T | undefined> {
    const { client, life, world } = this
    if (!client || !life) return undefined
    let answer: T | undefined
    const asked = this.calls.make(what, life, () => call(client)).then(given => void (answer = given))
    if (!(await world.scheduler.settles(asked, ANSWER_MS + 1))) this.calls.check()
    return answer
  }
}
