import { CosmicError, flag, func, having, milliseconds, type Read, record, refuse, text } from '../base/index'
import type { Block } from '../block/index'
import type { SessionStep } from '../client/index'
import type { ReconcileSet, SessionTiming } from '../sync/index'
import { ANSWER_MS, isExplained } from './calls'
import { causesOf } from './causes-of'
import { nameOf, nodeName, PLAN_LIMITS, readTiming, upTo } from './check-values'
import type { HostilePeer } from './hostile/hostile-peer'
import { converge, judge } from './judge'
import type { Life } from './life'
import { MENDING_MS } from './plan'
import { type RecordedEvent, Recorder } from './recorder'
import { Scheduler } from './scheduler'
import { SeededRandom } from './seeded-random'
import { type SignatureMode, type SimulatedCrypto, simulatedCrypto } from './simulated-crypto'
import { SIMULATED_TIMING } from './simulated-timing'
import { SimulatedNetwork } from './simulated-network'
import { readNodeOptions } from './node-options'
import { BEGINNING, type NodeOptions, SimulatedNode } from './simulated-node'
import { StepWatch } from './watch/step-watch'
import { type OracleName, type Violation, Violations } from './violations'
import { warmUp } from './warm-up'

export interface WorldOptions {
  /** Decides everything. */
  readonly seed: number | string
  /** Default `real`. */
  readonly signatures?: SignatureMode
  readonly timing?: Partial<SessionTiming>
  /** Told of everything that is recorded. */
  readonly onEvent?: (event: RecordedEvent) => void
}

export interface CheckOptions {
  /** Audits within which what is connected must hold the same; default 3. */
  readonly rounds?: number
}

const readCheck = record<CheckOptions>({ rounds: upTo(PLAN_LIMITS.rounds) })

const seedOf: Read<number | string> = (value, path) =>
  typeof value === 'string' || Number.isFinite(value)
    ? (value as number | string)
    : refuse('bad-type', path, 'a number or a text')

const readOptions = record<WorldOptions>(
  { seed: seedOf, signatures: nameOf<SignatureMode>(['real', 'stand-in']), timing: readTiming, onEvent: func },
  'seed',
)

const promise = having<Promise<never>>('a promise', 'then')

/** Two profiles of one key that name different recovery keys. */
export interface Contradiction {
  readonly did: string
  readonly profiles: readonly string[]
  readonly block: string
}

/**
 * A network of production clients in which one seed decides everything: time, chance, delays, disks. Nothing happens
 * until `run` or `complete` lets virtual time go by.
 *
 * @example
 * ```ts
 * const world = await World.create({ seed: 1 })
 * const alice = await world.addNode('alice')
 * const bob = await world.addNode('bob')
 * bob.connect('alice')
 * const block = await world.complete(alice.publish())
 * await world.run(10_000)
 * await world.complete(bob.client!.get(block!.id)) // the block
 * await world.close()
 * ```
 */
export class World {
  readonly scheduler = new Scheduler()
  readonly random: SeededRandom
  readonly recorder: Recorder
  readonly network: SimulatedNetwork
  readonly nodes = new Map<string, SimulatedNode>()
  /** Hostile machines, the identities that they came with, and what no honest node may store. */
  readonly hostilePeers: HostilePeer[] = []
  readonly hostiles = new Map<string, HostilePeer>()
  readonly forbidden = new Set<string>()
  /** Keys with two profiles that contradict each other, and a block of each key. */
  readonly contradictions: Contradiction[] = []
  /** The last bytes of every block that an honest node published, by id: nothing else holds them. */
  readonly marks = new Map<string, Uint8Array>()
  /** What honest nodes published, by id, their retractions apart. */
  readonly published = new Map<string, Block>()
  readonly timing: SessionTiming
  readonly #violations: Violations
  readonly #steps: StepWatch
  /** Names that are taken: of nodes, and of those that are on their way. */
  readonly #names = new Set<string>()

  private constructor(
    options: WorldOptions,
    readonly crypto: SimulatedCrypto,
  ) {
    this.random = new SeededRandom(options.seed)
    this.recorder = new Recorder(this.scheduler, options.onEvent)
    this.network = new SimulatedNetwork({
      scheduler: this.scheduler,
      random: this.random.fork('network'),
      recorder: this.recorder,
    })
    this.timing = { ...SIMULATED_TIMING, ...options.timing }
    this.#violations = new Violations(this.recorder)
    this.#steps = new StepWatch(this)
  }

  /**
   * Loads what production code loads lazily, so that no load can come between events. Rejects with `missing-field`,
   * `unknown-field`, `bad-type`, `bad-value` or `out-of-range` for options that cannot be.
   */
  static async create(given: WorldOptions): Promise<World> {
    const options = readOptions(given, '')
    await warmUp()
    return new World(options, await simulatedCrypto(options.signatures ?? 'real'))
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.scheduler.now
  }

  /** What the oracles found, the first first. */
  get violations(): readonly Violation[] {
    return this.#violations.list
  }

  /** The true time, in milliseconds since the Unix epoch; nodes have clocks of their own. */
  time(): number {
    return Math.floor(BEGINNING + this.now)
  }

  /**
   * A node that runs at once, under a name of letters, digits, `.`, `_` and `-`. Rejects with `bad-type`, `bad-value`,
   * `unknown-field`.
   */
  async addNode(name: string, given: NodeOptions = {}, start = true): Promise<SimulatedNode> {
    const options = readNodeOptions(given, '')
    flag(start, 'start')
    if (this.#names.has(nodeName(name, 'name'))) refuse('bad-value', 'name', `there is a ${name}`)
    this.#names.add(name)
    const signer = options.signer ?? (await this.crypto.signer(this.random.fork(`identity/${name}`).bytes(32)))
    const node = new SimulatedNode(this, name, signer, options)
    this.nodes.set(name, node)
    if (start) await this.complete(node.start())
    return node
  }

  /** Lets `ms` of virtual time go by. Rejects with `bad-type`, `out-of-range` for what is no time. */
  async run(ms: number): Promise<void> {
    milliseconds(ms, 'ms')
    await this.scheduler.runUntil(this.now + ms)
  }

  /**
   * Lets time go by until a promise of this world has settled; rejects as it does, or with `timeout` after an hour, and with
   * `bad-type` for what is no promise.
   */
  async complete<T>(work: Promise<T>, ms?: number): Promise<T> {
    void promise(work, 'work')
    if (ms !== undefined) milliseconds(ms, 'ms')
    return this.scheduler.complete(work, ms)
  }

  /** The node that has this identity. */
  nodeOf(did: string): SimulatedNode | undefined {
    for (const node of this.nodes.values()) if (node.did === did) return node
    return undefined
  }

  get hostileNames(): string[] {
    return this.hostilePeers.map(({ name }) => name)
  }

  record(type: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.recorder.record(type, details)
  }

  /** Something that must hold does not. Throws `bad-type` for an oracle or a message that is no text, `bad-value` for an empty one. */
  violate(oracle: OracleName | (string & {}), message: string, node?: SimulatedNode): void {
    if (text(oracle, 'oracle') === '') refuse('bad-value', 'oracle', 'the name of what must hold')
    if (text(message, 'message') === '') refuse('bad-value', 'message', 'what is wrong')
    this.#violations.add(oracle, message, node?.name)
  }

  /** A node's own call failed, made at `since`: its disk may be at fault, or its user who stops it; nothing else may. */
  failed(node: SimulatedNode, what: string, error: unknown, life: Life, since: number): void {
    const code = error instanceof CosmicError ? error.code : undefined
    this.record('failed', { node: node.name, what, error: code ?? String(error) })
    if (isExplained(error, life, since, node.disk.failedAt)) return
    this.violate('no-crash', `${what}: ${causesOf(error)}`, node)
  }

  stopped(node: SimulatedNode, life: Life): void {
    if (life.waiting.kept > 0) this.violate('no-timer-left', `${life.waiting.kept} timers run after close`, node)
  }

  /** The reconciled set of a running node, as far as a session has shown it. */
  setOf({ life }: SimulatedNode): ReconcileSet | undefined {
    return life && this.#steps.setOf(life)
  }

  /** Sessions that have nothing to do hold next to nothing. */
  checkIdle(): void {
    this.#steps.checkIdle()
  }

  /** A `waitForSync` for this peer was answered. */
  answeredSynced(life: Life, peer: string): void {
    this.#steps.checkAnswered(life, peer)
  }

  observe(node: SimulatedNode, step: SessionStep): void {
    this.#steps.look(node, step)
  }

  /**
   * Lets all that runs come to rest, asks the oracles of the end, closes the world, and answers what was found since its
   * beginning. Where faults have not ended, what they prevent is found. Rejects with `bad-type`, `out-of-range`, `unknown-field`.
   *
   * @example
   * ```ts
   * await world.run(10_000)
   * expect(await world.check()).toEqual([])
   * ```
   */
  async check(given: CheckOptions = {}): Promise<readonly Violation[]> {
    const { rounds = 3 } = readCheck(given, '')
    await this.run(MENDING_MS)
    await converge(this, rounds)
    await judge(this, { isPlanned: false })
    return [...this.violations]
  }

  /** Stops every node; a call that was not answered until then is a violation. */
  async close(): Promise<void> {
    const nodes = [...this.nodes.values()]
    const stopped = nodes.map(node => {
      node.calls.check()
      if (node.life?.asleep) node.wake()
      return node.stop()
    })
    if (await this.scheduler.settles(Promise.all(stopped), ANSWER_MS + 1)) return
    for (const node of nodes) {
      node.calls.check()
      await node.crash()
    }
  }
}
