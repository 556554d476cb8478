import { concat, type ErrorCode } from '../../base/index'
import { LIMITS } from '../../block/index'
import { CodedSet, encodeMessageOf, idOf, SESSION_LIMITS, SKETCH_EXTENSION, type SyncItem } from '../../sync/index'
import type { Attack } from './attack'
import { forge, type HostileSession, itemOf, type Visit } from './hostile-session'

/** First byte of a Negentropy V1 message; modes of its ranges. */
const NEGENTROPY = 0x61
const SKIP = 0
const FINGERPRINT = 1
const IDS = 2

/** One range over everything (an infinite bound: time 0, no prefix) of this mode and content. */
function wholeRange(mode: number, content: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(NEGENTROPY, 0, 0, mode), content)
}

function varint(value: number): Uint8Array {
  const digits = [value & 127]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 127) | 128)
  return Uint8Array.from(digits)
}

/** Cells of one item that nobody has, and then empty ones. */
function madeUpCells({ random }: Visit): Uint8Array {
  const set = new CodedSet()
  set.insert({ time: random.below(LIMITS.time), id: random.bytes(32) })
  return set.cells().encode(0, 12)
}

/** One range over everything from this millisecond on, where what came before is settled. */
function rangeFrom(time: number, fingerprint: Uint8Array): Uint8Array {
  const settled = concat(Uint8Array.of(NEGENTROPY), varint(time + 1), Uint8Array.of(0, SKIP))
  return concat(settled, wholeRange(FINGERPRINT, fingerprint).subarray(1))
}

/** Compares sets, each question as soon as the one before has its answer, up to so many. */
async function compareOn(
  visit: Visit,
  session: HostileSession,
  question: (number: number) => Uint8Array,
  most = Infinity,
): Promise<void> {
  const ask = (number: number) => session.send({ type: 'reconcile', bytes: question(number) })
  await session.send({ type: 'span', floor: 0, ceiling: LIMITS.time })
  await ask(1)
  for (let asked = 1; asked < most;) {
    const message = await session.next('reconcile', 'ping')
    if (!message) return
    if (message.type === 'reconcile') {
      await visit.wait(10)
      await ask(++asked)
    } else await session.answer(message)
  }
}

const unheardOf = ({ random }: Visit, count: number) => Array.from({ length: count }, () => idOf(random.bytes(32)))

const itemsAt = (visit: Visit, time: number, count: number): SyncItem[] =>
  unheardOf(visit, count).map(id => ({ time, id }))

/** Introduces itself, says what breaks a rule, and stays for the answer: it answers pings, so that silence ends nothing. */
function breach(
  story: string,
  punished: readonly ErrorCode[],
  say: (visit: Visit, session: HostileSession) => Promise<void>,
): Attack {
  const run = async (visit: Visit) => {
    const session = await visit.secure()
    await session.hello()
    await say(visit, session)
    for (;;) {
      const message = await session.next('ping', 'announce')
      if (!message) return
      await session.answer(message)
    }
  }
  return { story, punished, run }
}

/** Pushes what `bytesOf` makes of a good block. */
async function push(visit: Visit, session: HostileSession, bytesOf = (bytes: Uint8Array) => bytes): Promise<void> {
  const block = await visit.sign()
  visit.forbid(block.id)
  await session.send({ type: 'blocks', blocks: [bytesOf(block.bytes)] })
}

/** Attacks by what the messages of a session say. */
export const PROTOCOL_ATTACKS = {
  unsolicited: breach('pushes good blocks that nobody asked for', ['protocol'], push),
  'unsolicited-forged': breach(
    'pushes a forged block before anyone could ask for it',
    ['protocol', 'bad-signature'],
    (visit, session) => push(visit, session, bytes => forge(bytes, visit.random)),
  ),
  'lying-fingerprints': breach(
    'compares sets for ever with fingerprints that it makes up',
    ['protocol'],
    (visit, session) => compareOn(visit, session, () => wholeRange(FINGERPRINT, visit.random.bytes(16))),
  ),
  'slow-narrowing': {
    story: 'compares sets a millisecond at a time, with fingerprints that it makes up',
    punished: [],
    heavy: true,
    visits: 1,
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      // More than a session deals with at once.
      await compareOn(visit, session, at => rangeFrom(at, visit.random.bytes(16)), SESSION_LIMITS.reconciles * 1.5)
    },
  },
  'lying-cells': {
    story:
      'tells a sketch whose cells make no sense, hold items that nobody has, or come in other numbers than asked for',
    punished: [],
    async run(visit) {
      const session = await visit.secure()
      const { random } = visit
      await session.hello({ extensions: [SKETCH_EXTENSION] })
      const span = { floor: 0, ceiling: LIMITS.time }
      const cells = (count: number) => random.bytes(count * SESSION_LIMITS.cell)
      const question = wholeRange(FINGERPRINT, random.bytes(16))
      const told = random.pick([cells(12), madeUpCells(visit)])
      const sketch = { size: random.between(0, 500), fingerprint: random.bytes(16), available: SESSION_LIMITS.cells }
      await session.send({ type: 'span', ...span }, { type: 'sketch', ...sketch, cells: told })
      await session.send({ type: 'reconcile', bytes: question })
      const excess = random.pick([0, 0, 1])
      for (let message = await session.next('more', 'ping', 'announce'); message;) {
        if (message.type === 'more') await session.send({ type: 'cells', cells: cells(message.count + excess) })
        else await session.answer(message)
        message = await session.next('more', 'ping', 'announce')
      }
    },
  },
  'id-bomb': breach(
    'sends the longest lists of ids that fit, all made up, and lists that claim to be longer than they are',
    ['protocol'],
    async (visit, session) => {
      const ids = 2_000
      const bytes = wholeRange(IDS, concat(varint(ids), visit.random.bytes(32 * ids)))
      await session.send({ type: 'reconcile', bytes })
      await session.next('reconcile')
      await session.send({ type: 'reconcile', bytes: wholeRange(IDS, concat(varint(100_000_000), new Uint8Array(32))) })
    },
  ),
  'want-flood': breach(
    'asks for a thousand blocks that nobody has, and for one twice at a time',
    ['protocol'],
    async (visit, session) => {
      for (let i = 0; i < 4; i++) await session.send({ type: 'want', ids: unheardOf(visit, 256) })
      const [id] = unheardOf(visit, 1) as [string]
      await session.send({ type: 'want', ids: [id, id] })
    },
  ),
  'credit-bomb': breach('gives credit until the numbers could run over', ['protocol'], async (_visit, session) => {
    for (let i = 0; i < 4; i++) await session.send({ type: 'credit', bytes: SESSION_LIMITS.maxWindow, items: 65_536 })
  }),
  'announce-flood': breach('announces more items than its credit allows', ['protocol'], async (visit, session) => {
    const time = visit.world.time()
    for (let i = 0; i <= SESSION_LIMITS.items / 256; i++)
      await session.send({ type: 'announce', items: itemsAt(visit, time, 256) })
  }),
  'impossible-times': breach(
    'announces items of the last instant that a block can name, and of one after it',
    ['protocol'],
    async (visit, session) => {
      await session.send({ type: 'announce', items: itemsAt(visit, LIMITS.time, 5) })
      await session.send({ type: 'announce', items: itemsAt(visit, LIMITS.time + 1, 5) })
    },
  ),
  'sinking-floor': breach(
    'raises its floor to the end of time, and lowers it again',
    ['protocol'],
    async (_, session) => {
      await session.send({ type: 'floor', time: LIMITS.time })
      await session.send({ type: 'floor', time: 1 })
    },
  ),
  oversized: breach('sends a message larger than any may be', ['too-large'], (_visit, session) =>
    session.raw(new Uint8Array(SESSION_LIMITS.message + 1)),
  ),
  garbage: breach(
    'sends messages that are cut, changed or random',
    ['protocol', 'too-large'],
    async (visit, session) => {
      const good = encodeMessageOf({ type: 'announce', items: [itemOf(await visit.sign())] })
      const bad = visit.random.pick([
        good.slice(0, visit.random.between(1, good.length - 1)),
        visit.random.bytes(visit.random.between(1, 200)),
        concat(good, Uint8Array.of(0)),
      ])
      await session.raw(bad)
    },
  ),
  'double-hello': breach('introduces itself again and again', ['protocol'], (_visit, session) => session.hello()),
} satisfies Record<string, Attack>
