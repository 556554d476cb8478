import { createHash } from 'node:crypto'
import { Cid, fail, ok, unwrap } from '../../../src/base/index'
import {
  createSession,
  sessionStatus,
  ItemTree,
  step,
  type IngestResult,
  type SessionEffect,
  type SessionEvent,
  type SessionOptions,
  type SessionProgress,
} from '../../../src/sync/index'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../../src/sync/session-messages'

const sha256 = (bytes: Uint8Array) => Uint8Array.from(createHash('sha256').update(bytes).digest())

/** A stand-in for an envelope: 8 bytes of time, a number that makes it unique, then filling. Its id is its hash. */
export function envelope(time: number, n: number, size = 40): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 16))
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(time))
  view.setUint32(12, n)
  return bytes
}

export const idOf = (bytes: Uint8Array) => Cid.fromDigest(sha256(bytes)).toString()
export const timeOf = (bytes: Uint8Array) => Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
/** Envelopes that begin with this byte are malformed. */
export const MALFORMED = 0xff

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

/** One session machine with a set and a store behind it. What the machine asks for waits in queues until it is taken. */
export class Node {
  readonly set = new ItemTree()
  readonly store = new Map<string, Uint8Array>()
  readonly progress: SessionProgress[] = []
  readonly outbox: Uint8Array[] = []
  readonly tasks: (SessionEffect & { type: 'load' | 'ingest' })[] = []
  readonly timers = new Set<string>()
  closed: { failure?: { code: string; field?: string; hint?: string } } | undefined
  state = createSession()
  /** What the ingest makes of an envelope; default: stored. */
  judge: (id: string, bytes: Uint8Array) => Omit<IngestResult, 'id'> = () => ({ status: 'stored' })
  /** Looked at before each event. */
  onEvent: (event: SessionEvent) => void = () => {}
  /** Between which times this node keeps blocks. */
  bounds = { floor: 0, ceiling: 4_102_444_800_000 }
  readonly options: SessionOptions

  constructor(initiator: boolean) {
    this.options = {
      initiator,
      set: this.set,
      bounds: () => this.bounds,
      identify: bytes => (bytes[0] === MALFORMED ? fail({ code: 'bad-envelope' }) : ok(idOf(bytes))),
      kinds: [{ version: 1, kind: 'embedding' }],
      software: 'test/1',
    }
  }

  open(): void {
    this.do({ type: 'open', seed: new Uint8Array(32).fill(this.options.initiator ? 1 : 2) })
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
    else if (effect.type === 'load' || effect.type === 'ingest') this.tasks.push(effect)
    else if (effect.type === 'timer') this.timers.add(effect.name)
    else if (effect.type === 'cancel-timer') this.timers.delete(effect.name)
    else if (effect.type === 'progress') this.progress.push(effect.progress)
    else this.closed = effect.failure ? { failure: effect.failure } : {}
  }

  receive(message: Message): void {
    this.do({ type: 'message', bytes: encodeMessageOf(message) })
  }

  /** Takes what was sent since the last call. */
  sent(): Message[] {
    return this.outbox.splice(0).map(bytes => unwrap(decodeMessageOf(bytes)))
  }

  /** Puts a block into store and set without a word to the session. */
  hold(bytes: Uint8Array): string {
    const id = idOf(bytes)
    this.store.set(id, bytes)
    this.set.insert({ time: timeOf(bytes), id: sha256(bytes) })
    return id
  }

  publish(bytes: Uint8Array): void {
    const id = this.hold(bytes)
    this.do({ type: 'inserted', items: [{ id, time: timeOf(bytes) }] })
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
      const blocks = task.ids.map(id => ({ id, ...(this.store.has(id) && { bytes: this.store.get(id)! }) }))
      this.do({ type: 'loaded', blocks })
    } else if (task) {
      const results = task.blocks.map(({ id, bytes }) => this.#ingest(id, bytes))
      this.do({ type: 'ingested', batch: task.batch, results })
    }
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
