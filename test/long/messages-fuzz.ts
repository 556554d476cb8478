import { parseLinkMessage } from '../../src/adapters/transport/webrtc/link-message'
import type { Result } from '../../src/base/index'
import {
  decodeMessageOf,
  encodeMessageOf,
  initiate,
  proceed,
  respond,
  SESSION_LIMITS,
  type CodedSet,
  type Collection,
  type Message,
} from '../../src/sync/index'
import { CodedCells } from '../../src/sync/negentropy/coded-cells'
import { peel } from '../../src/sync/negentropy/peel'
import { confirms, furtherCells } from '../../src/sync/negentropy/sketch'
import { parseSignalingEvent, parseSignalingRequest } from '../../src/wire/index'
import { checkBounds } from '../property/session-worlds'
import { envelope, helloOf, idOf, Node, SPAN } from '../unit/sync/session-harness'
import { mutate, seeded, type Draw } from './mutate'

/** The families of messages that a peer or a server may send. */
export const FAMILIES = ['session', 'negentropy', 'cells', 'signaling'] as const

export type Family = (typeof FAMILIES)[number]

export interface MessageFuzz {
  /** Mutants that were dealt with, and those that were refused or ended a session, by family. */
  readonly accepted: ReadonlyMap<Family, number>
  readonly refused: ReadonlyMap<Family, number>
  /** Milliseconds of the slowest call. */
  readonly slowest: number
}

/** A pause of the machine is not ours: what took longer is done again, by the processor's time, and is as slow as its fastest turn. */
const RETRY_MS = 20
const RETRIES = 3

const EXTENSIONS = ['sketch', 'resume', 'interests']

/**
 * Hands `count` mutants of good messages to whatever reads them, the families in turn. Throws, with seed and number of the
 * mutant, when something throws, answers anything but a `Result`, or leaves a session beyond its bounds.
 */
export function fuzzMessages(count: number, seed: number): MessageFuzz {
  const draw = seeded(seed)
  const takers = takersOf(draw)
  const [accepted, refused] = [new Map<Family, number>(), new Map<Family, number>()]
  let slowest = 0
  for (let turn = 0; turn < count; turn++) {
    const family = FAMILIES[turn % FAMILIES.length]!
    const { samples, take } = takers[family]
    const mutant = makeMutant(samples, draw)
    try {
      const start = performance.now()
      const counts = take(mutant) ? accepted : refused
      counts.set(family, (counts.get(family) ?? 0) + 1)
      const elapsed = performance.now() - start
      if (elapsed > RETRY_MS) slowest = Math.max(slowest, Math.min(elapsed, ...repeated(() => take(mutant))))
      else slowest = Math.max(slowest, elapsed)
    } catch (cause) {
      const hex = Buffer.from(mutant).toString('hex')
      throw new Error(`seed ${seed}, mutant ${turn} (${family}): ${String(cause)}\n${hex}`, { cause })
    }
  }
  return { accepted, refused, slowest }
}

function repeated(work: () => unknown): number[] {
  return Array.from({ length: RETRIES }, () => {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1_000
  })
}

function makeMutant(samples: readonly Uint8Array[], draw: Draw): Uint8Array {
  let mutant = samples[draw(samples.length)]!
  for (let edits = draw(4); edits >= 0; edits--) mutant = mutate(mutant, samples[draw(samples.length)]!, draw)
  return mutant
}

interface Taker {
  readonly samples: readonly Uint8Array[]
  /** True when the mutant was dealt with as if it were good. */
  take(mutant: Uint8Array): boolean
}

function takersOf(draw: Draw): Readonly<Record<Family, Taker>> {
  const node = filled(new Node(false, EXTENSIONS))
  return {
    session: sessionTaker(draw),
    negentropy: negentropyTaker(node.set),
    cells: cellsTaker(node.set),
    signaling: signalingTaker(),
  }
}

function filled(node: Node, from = 0): Node {
  for (let n = from; n < 80; n++) node.hold(envelope(1_700_000_000_000 + n, n))
  return node
}

const scopeOf = (collection: Collection): Message => ({
  type: 'scope',
  collection,
  ...{ floor: 0, ceiling: 4_102_444_800_000, fetches: collection.of !== 'tag' },
})

/** Every type of message, as an honest peer in some state might send it. */
function sessionSamples(): Uint8Array[] {
  const teller = filled(new Node(true, EXTENSIONS), 5)
  teller.open()
  teller.receive(helloOf({ extensions: EXTENSIONS }))
  const id = idOf(envelope(1, 1))
  const messages: Message[] = [
    ...teller.sent(),
    helloOf(),
    SPAN,
    { type: 'more', count: 20 },
    { type: 'cells', cells: new Uint8Array(20 * SESSION_LIMITS.cell) },
    { type: 'reconcile', bytes: Uint8Array.of(0x61) },
    { type: 'reconciled' },
    { type: 'want', ids: [id, idOf(envelope(1_700_000_000_003, 3))] },
    { type: 'blocks', blocks: [envelope(1, 1)] },
    { type: 'gone', ids: [id] },
    { type: 'announce', items: [{ time: 1, id }] },
    { type: 'credit', bytes: 1, items: 1 },
    { type: 'done' },
    { type: 'audit' },
    { type: 'ping' },
    { type: 'pong' },
    { type: 'bye', code: 'closed' },
    { type: 'floor', time: 7 },
    { type: 'resume', cursor: new Uint8Array(48) },
    { type: 'position', cursor: new Uint8Array(48) },
    { type: 'stale' },
    { type: 'interests', interests: [{}] },
    { type: 'interests', interests: [{ tags: ['t1', 'odd'], since: 1 }, { author: 'did:key:z1' }] },
    ...(['t1', 't2'] as const).map(tag => scopeOf({ of: 'tag', version: 1, kind: 'embedding', tag })),
    scopeOf({ of: 'control' }),
    scopeOf({ of: 'everything' }),
    { type: 'coarser' },
  ]
  return messages.map(encodeMessageOf)
}

/** Sessions are used on until they end, so that mutants meet them in ever other states; good messages come in between. */
function sessionTaker(draw: Draw): Taker {
  const samples = sessionSamples()
  const sessions: (Node | undefined)[] = Array.from({ length: 8 }, () => undefined)
  const open = (place: number): Node => {
    const node = filled(new Node(place % 2 === 0, place % 4 < 2 ? EXTENSIONS : []), place)
    node.open()
    if (place > 0) node.receive(helloOf({ extensions: EXTENSIONS }))
    sessions[place] = node
    return node
  }
  return {
    samples,
    take(mutant) {
      const place = draw(sessions.length)
      const node = sessions[place] ?? open(place)
      node.do({ type: 'message', bytes: mutant })
      checkBounds(node)
      if (!node.closed && draw(3) === 0) node.do({ type: 'message', bytes: samples[draw(samples.length)]! })
      if (!node.closed) node.work()
      node.outbox.length = 0
      node.progress.length = 0
      if (node.closed) sessions[place] = undefined
      return !node.closed && decodeMessageOf(mutant).ok
    },
  }
}

function negentropyTaker(set: CodedSet): Taker {
  const other = filled(new Node(true), 40).set
  const question = initiate(set)
  const answer = respond(other, question)
  const list = Uint8Array.of(0x61, 0, 0, 2, 1, ...new Uint8Array(32))
  const samples = [question, initiate(other, [3, 20, 30]), ...(answer.ok ? [answer.value] : []), list]
  return {
    samples,
    take: mutant => [respond(set, mutant), proceed(set, mutant)].map(isOk).every(Boolean),
  }
}

/** Cells of a sketch, and the question that they come with. */
function cellsTaker(set: CodedSet): Taker {
  const other = filled(new Node(true), 4).set
  const sketch = { size: other.size, fingerprint: other.fingerprint(0, other.size), available: other.cells().count }
  const question = initiate(other)
  const samples = [other.cells().encode(0, 12), other.cells().encode(0, 64), set.cells().encode(0, 30)]
  return {
    samples,
    take(mutant) {
      const whole = mutant.subarray(0, mutant.length - (mutant.length % SESSION_LIMITS.cell))
      const count = Math.min(64, whole.length / SESSION_LIMITS.cell)
      const cells = new CodedCells(64)
      cells.takeFrom(whole.subarray(0, count * SESSION_LIMITS.cell), 0)
      const difference = peel(cells.first(count))
      if (!difference) {
        const more = count > 0 ? furtherCells(set, sketch, question, cells, count) : undefined
        if (more !== undefined && !(more > 0 && more + count <= 64)) throw new Error(`${more} cells more than ${count}`)
        return false
      }
      return confirms(set, sketch, question, difference)
    },
  }
}

function signalingTaker(): Taker {
  const signal = { type: 'offer', sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n' }
  const messages = [
    { type: 'join', version: 1, room: 'a room', self: 'me' },
    { type: 'signal', to: 'you', data: { link: 'x', signal } },
    { type: 'alive' },
    { type: 'peers', self: 'me', peers: ['you', 'them'], heartbeat: 15_000 },
    { type: 'joined', peer: 'you' },
    {
      type: 'signal',
      from: 'you',
      data: { link: 'x', signal: { candidate: { candidate: 'candidate:1', sdpMid: '0' } } },
    },
    { type: 'error', code: 'limit' },
  ]
  const decoder = new TextDecoder()
  return {
    samples: messages.map(message => new TextEncoder().encode(JSON.stringify(message))),
    take(mutant) {
      const text = decoder.decode(mutant)
      const results = [parseSignalingRequest(text), parseSignalingEvent(text)].map(isOk)
      try {
        parseLinkMessage(JSON.parse(text))
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
      }
      return results.some(Boolean)
    },
  }
}

function isOk(result: Result<unknown>): boolean {
  if (typeof result.ok !== 'boolean') throw new Error('an answer that is no result')
  return result.ok
}
