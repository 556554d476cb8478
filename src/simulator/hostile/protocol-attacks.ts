import { concat } from '../../base/index'
import { LIMITS } from '../../block/index'
import { CodedSet, encodeMessageOf, idOf, SESSION_LIMITS, SKETCH_EXTENSION } from '../../sync/index'
import type { Attack } from './attack'
import { forge, itemOf, type Visit } from './hostile-session'

/** First byte of a Negentropy V1 message; modes of its ranges. */
const NEGENTROPY = 0x61
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

/** Answers pings, so that silence is not what ends the session. */
async function stay(visit: Visit, session: Awaited<ReturnType<Visit['secure']>>): Promise<void> {
  for (let message = await session.next('ping', 'announce'); message; message = await session.next('ping', 'announce'))
    await session.answer(message)
}

/** Attacks by what the messages of a session say. */
export const PROTOCOL_ATTACKS = {
  unsolicited: {
    story: 'pushes good blocks that nobody asked for',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      const block = await visit.sign()
      visit.forbid(block.id)
      await session.hello()
      await session.send({ type: 'blocks', blocks: [block.bytes] })
      await stay(visit, session)
    },
  },
  'unsolicited-forged': {
    story: 'pushes a forged block before anyone could ask for it',
    punished: ['protocol', 'bad-signature'],
    async run(visit) {
      const session = await visit.secure()
      const block = await visit.sign()
      visit.forbid(block.id)
      await session.hello()
      await session.send({ type: 'blocks', blocks: [forge(block, visit.random)] })
      await stay(visit, session)
    },
  },
  'lying-fingerprints': {
    story: 'compares sets for ever with fingerprints that it makes up',
    punished: [],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      const ask = () => session.send({ type: 'reconcile', bytes: wholeRange(FINGERPRINT, visit.random.bytes(16)) })
      await ask()
      for (let message = await session.next('reconcile', 'ping'); message;) {
        if (message.type === 'reconcile') {
          await visit.wait(10)
          await ask()
        } else await session.answer(message)
        message = await session.next('reconcile', 'ping')
      }
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
  'id-bomb': {
    story: 'sends the longest lists of ids that fit, all made up, and lists that claim to be longer than they are',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      const ids = 2_000
      const bytes = wholeRange(IDS, concat(varint(ids), visit.random.bytes(32 * ids)))
      await session.send({ type: 'reconcile', bytes })
      await session.next('reconcile')
      await session.send({ type: 'reconcile', bytes: wholeRange(IDS, concat(varint(100_000_000), new Uint8Array(32))) })
      await stay(visit, session)
    },
  },
  'want-flood': {
    story: 'asks for a thousand blocks that nobody has, and for one twice at a time',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      const ids = () => Array.from({ length: 256 }, () => idOf(visit.random.bytes(32)))
      for (let i = 0; i < 4; i++) await session.send({ type: 'want', ids: ids() })
      const [id] = ids() as [string, ...string[]]
      await session.send({ type: 'want', ids: [id, id] })
      await stay(visit, session)
    },
  },
  'credit-bomb': {
    story: 'gives credit until the numbers could run over',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      for (let i = 0; i < 4; i++) await session.send({ type: 'credit', bytes: SESSION_LIMITS.maxWindow, items: 65_536 })
      await stay(visit, session)
    },
  },
  'announce-flood': {
    story: 'announces more items than its credit allows',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      const time = visit.world.time()
      await session.hello()
      for (let i = 0; i <= SESSION_LIMITS.items / 256; i++) {
        const items = Array.from({ length: 256 }, () => ({ time, id: idOf(visit.random.bytes(32)) }))
        await session.send({ type: 'announce', items })
      }
      await stay(visit, session)
    },
  },
  oversized: {
    story: 'sends a message larger than any may be',
    punished: ['too-large'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      await session.raw(new Uint8Array(SESSION_LIMITS.message + 1))
      await stay(visit, session)
    },
  },
  garbage: {
    story: 'sends messages that are cut, changed or random',
    punished: ['protocol', 'too-large'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      const good = encodeMessageOf({ type: 'announce', items: [itemOf(await visit.sign())] })
      const bad = visit.random.pick([
        good.slice(0, visit.random.between(1, good.length - 1)),
        visit.random.bytes(visit.random.between(1, 200)),
        concat(good, Uint8Array.of(0)),
      ])
      await session.raw(bad)
      await stay(visit, session)
    },
  },
  'double-hello': {
    story: 'introduces itself again and again',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      await session.hello()
      await stay(visit, session)
    },
  },
} satisfies Record<string, Attack>
