import { createHash } from 'node:crypto'
import { fail, ok, unwrap } from '../../../src/base/index'
import {
  SESSION_LIMITS,
  CodedSet,
  collectionKey,
  createSession,
  isMember,
  isWanted,
  ItemTree,
  type Collection,
  type Interests,
  sessionStatus,
  SKETCH_EXTENSION,
  step,
  type IngestResult,
  type SessionEffect,
  type SessionEvent,
  type SessionOptions,
  type SessionProgress,
} from '../../../src/sync/index'
import { envelope, idOf, MALFORMED, sha256, timeOf, traitsOf } from './session-envelopes'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../../src/sync/session-messages'
export { envelope, idOf, MALFORMED, timeOf, traitsOf }

export const helloOf = (more: Partial<Message & { type: 'hello' }> = {}): Message => ({
  type: 'hello',
  maxMessage: 1_179_648,
  window: 4_194_304,
  items: 4096,
  kinds: [{ version: 1, kind: 'embedding' }],
  software: 'test/1',
  floor: 0,
  ceiling: 4_102_444_800_000,
  ...more,
})

/** What the dialling side says before each audit. */
export const SPAN: Message = { type: 'span', floor: 0, ceiling: 4_102_444_800_000 }

const TASKS = ['load', 'ingest', 'replay', 'position', 'collect', 'choose'] as const

/** One session machine with a set and a store behind it. What the machine asks for waits in queues until it is taken. */
export class Node {
  readonly set = new CodedSet()
  readonly store = new Map<string, Uint8Array>()
  readonly progress: SessionProgress[] = []
  readonly outbox: Uint8Array[] = []
  readonly tasks: (SessionEffect & { type: (typeof TASKS)[number] })[] = []
  /** Ids in the order in which they came, of one epoch. */
  readonly log: string[] = []
  epoch = 1
  /** What the last session remembered of the peer's log. */
  remembered: Uint8Array | undefined
  readonly timers = new Set<string>()
  closed: { failure?: { code: string; field?: string; hint?: string } } | undefined
  state = createSession()
  /** What the ingest makes of an envelope; default: stored. */
  judge: (id: string, bytes: Uint8Array) => Omit<IngestResult, 'id'> = () => ({ status: 'stored' })
  /** Looked at before each event. */
  onEvent: (event: SessionEvent) => void = () => {}
  /** Between which times this node keeps blocks. */
  bounds = { floor: 0, ceiling: 4_102_444_800_000 }
  /** What it wants, where it says so; how many collections there is room for. */
  interests: Interests = [{}]
  room = Infinity
  readonly trees = new Map<string, { collection: Collection; items: ItemTree }>()
  readonly options: SessionOptions

  /** `extensions`: with `resume` it goes on from its log. */
  constructor(initiator: boolean, extensions: readonly string[] = [SKETCH_EXTENSION]) {
    this.options = {
      initiator,
      set: this.set,
      bounds: () => this.bounds,
      identify: bytes => (bytes[0] === MALFORMED ? fail({ code: 'bad-envelope' }) : ok(idOf(bytes))),
      kinds: [{ version: 1, kind: 'embedding' }],
      software: 'test/1',
      ...(extensions.length > 0 && { extensions }),
      collections: {
        interests: () => this.interests,
        find: collection => this.trees.get(collectionKey(collection))?.items,
      },
    }
  }

  open(auditIn = 300_000): void {
    const resume = this.remembered && { cursor: this.remembered, auditIn }
    const seed = new Uint8Array(32).fill(this.options.initiator ? 1 : 2)
    this.do({ type: 'open', seed, ...(resume && { resume }) })
  }

  /** The connection is gone: everything under way is lost, and another session may be opened. */
  cut(): void {
    this.do({ type: 'disconnected' })
    this.closed = undefined
    this.state = createSession()
    this.outbox.length = 0
    this.tasks.length = 0
    this.timers.clear()
  }

  /** The place of the log's end, as the peer is told it. */
  get place(): Uint8Array {
    return this.#placeAt(this.log.length)
  }

  #placeAt(seq: number): Uint8Array {
    const chain = createHash('sha256').update(this.log.slice(0, seq).join()).digest('hex').slice(0, 16)
    return new TextEncoder().encode(`${this.epoch}/${seq}/${chain}`)
  }

  /** What came since a place; one that the log should have and has not begins another epoch. */
  #since(cursor: Uint8Array): readonly { id: string; time: number }[] | undefined {
    const text = new TextDecoder().decode(cursor)
    const [epoch, seq] = text.split('/').map(Number) as [number, number]
    if (epoch !== this.epoch) return undefined
    const known = seq <= this.log.length && text === new TextDecoder().decode(this.#placeAt(seq))
    if (!known) this.epoch = Math.floor(this.epoch) + 1 + this.log.length / 1e6
    const held = this.log.slice(seq).filter(id => this.store.has(id))
    return known ? held.map(id => ({ id, time: timeOf(this.store.get(id)!) })) : undefined
  }

  do(event: SessionEvent): void {
    if (this.closed) return
    this.onEvent(event)
    const { state, effects } = step(this.options, this.state, event)
    this.state = state
    for (const effect of effects) this.#take(effect)
  }

  #take(effect: SessionEffect): void {
    if (this.closed) throw new Error(`${effect.type} after close`)
    if (effect.type === 'send') this.outbox.push(effect.bytes)
    else if (isTask(effect)) this.tasks.push(effect)
    else if (effect.type === 'timer') this.timers.add(effect.name)
    else if (effect.type === 'cancel-timer') this.timers.delete(effect.name)
    else if (effect.type === 'progress') this.progress.push(effect.progress)
    else if (effect.type === 'remember') this.remembered = effect.cursor
    else if (effect.type === 'keep') this.#keep(effect.collections)
    else if (effect.type === 'close') this.closed = effect.failure ? { failure: effect.failure } : {}
  }

  receive(message: Message): void {
    this.do({ type: 'message', bytes: encodeMessageOf(message) })
  }

  /** So many whole periods of stall go by. */
  stall(periods = 1): void {
    for (let i = 0; i < SESSION_LIMITS.stallQuarters * periods; i++) this.do({ type: 'timer', name: 'stall' })
  }

  /** Takes what was sent since the last call. */
  sent(): Message[] {
    return this.outbox.splice(0).map(bytes => unwrap(decodeMessageOf(bytes)))
  }

  /** Puts a block into store and set without a word to the session. */
  hold(bytes: Uint8Array): string {
    const id = idOf(bytes)
    this.store.set(id, bytes)
    const item = { time: timeOf(bytes), id: sha256(bytes) }
    this.set.insert(item)
    for (const { collection, items } of this.trees.values())
      if (isMember(traitsOf(bytes), collection)) items.insert(item)
    this.log.push(id)
    return id
  }

  publish(bytes: Uint8Array): void {
    const id = this.hold(bytes)
    this.do({ type: 'inserted', items: [{ id, time: timeOf(bytes), traits: traitsOf(bytes) }] })
  }

  /** Declares a higher floor, and erases what lies below it. */
  raise(floor: number): void {
    if (floor <= this.bounds.floor) return
    this.bounds = { floor, ceiling: Math.max(floor, this.bounds.ceiling) }
    for (const [id, bytes] of this.store) if (timeOf(bytes) < floor) this.drop(id)
    this.do({ type: 'floor' })
  }

  /** Erases a block without a word to the session. */
  drop(id: string): void {
    const bytes = this.store.get(id)!
    this.store.delete(id)
    this.set.delete({ time: timeOf(bytes), id: sha256(bytes) })
  }

  /** Performs the oldest load or ingest. */
  work(): void {
    const task = this.tasks.shift()
    if (task?.type === 'load') {
      const { ids, interests = [{}] } = task
      const blocks = ids.map(id => ({ id, ...(this.#wants(id, interests) && { bytes: this.store.get(id)! }) }))
      this.do({ type: 'loaded', blocks })
    } else if (task?.type === 'replay') {
      const items = this.#since(task.cursor)
      this.do({ type: 'replayed', ...(items && { items }) })
    } else if (task?.type === 'position') {
      this.do({ type: 'position', cursor: this.place })
    } else if (task?.type === 'collect') {
      this.do({ type: 'collected', ok: this.#collect(task.collection) })
    } else if (task?.type === 'choose') {
      this.do({ type: 'chosen', items: task.items.filter(({ id }) => this.#wants(id, task.interests)) })
    } else if (task) {
      const results = task.blocks.map(({ id, bytes }) => this.#ingest(id, bytes))
      this.do({ type: 'ingested', batch: task.batch, results })
    }
  }

  #wants(id: string, interests: Interests): boolean {
    const bytes = this.store.get(id)
    return bytes !== undefined && isWanted(traitsOf(bytes), interests)
  }

  #collect(collection: Collection): boolean {
    if (this.trees.has(collectionKey(collection))) return true
    if (this.trees.size >= this.room) return false
    const items = new ItemTree()
    for (const bytes of this.store.values())
      if (isMember(traitsOf(bytes), collection)) items.insert({ time: timeOf(bytes), id: sha256(bytes) })
    this.trees.set(collectionKey(collection), { collection, items })
    return true
  }

  #keep(collections: readonly Collection[]): void {
    const kept = new Set(collections.map(collectionKey))
    for (const key of this.trees.keys()) if (!kept.has(key)) this.trees.delete(key)
  }

  /** Wants something else from now on. */
  want(interests: Interests): void {
    this.interests = interests
    this.do({ type: 'interests' })
  }

  #ingest(id: string, bytes: Uint8Array): IngestResult {
    if (this.store.has(id)) return { id, status: 'duplicate' }
    if (timeOf(bytes) < this.bounds.floor) return { id, status: 'refused', code: 'limit' }
    const result = { id, ...this.judge(id, bytes) }
    if (result.status === 'stored') this.publish(bytes)
    return result
  }

  status() {
    return sessionStatus(this.state)
  }
}

const isTask = (effect: SessionEffect): effect is SessionEffect & { type: (typeof TASKS)[number] } =>
  (TASKS as readonly string[]).includes(effect.type)

/** Carries everything between two nodes until nothing is left to do. */
export function run(left: Node, right: Node): void {
  for (let steps = 0; steps < 100_000; steps++) {
    const idle = [left, right].every(node => node.outbox.length + node.tasks.length === 0)
    if (idle) return
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      const bytes = from.outbox.shift()
      if (bytes) to.do({ type: 'message', bytes })
      from.work()
    }
  }
  throw new Error('the sessions do not come to rest')
}

/** A node whose session is open, against a peer that the test plays by hand; as a responder it may be asked at once. */
export function openNode(initiator = false, setUp: (node: Node) => void = () => {}): Node {
  const node = new Node(initiator)
  setUp(node)
  node.open()
  node.receive(helloOf())
  if (!initiator) node.receive(SPAN)
  node.sent()
  return node
}
