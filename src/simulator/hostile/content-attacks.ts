import type { Block } from '../../block/index'
import { observeSky } from '../../sky/index'
import { idOf, type SyncItem } from '../../sync/index'
import type { Attack } from './attack'
import { forge, type HostileSession, itemOf, type Visit } from './hostile-session'

const DAY = 86_400_000

/** Announces blocks and hands over what `bytesOf` makes of each that is asked for, until the session ends. */
async function offer<T extends SyncItem>(
  session: HostileSession,
  blocks: readonly T[],
  bytesOf: (block: T) => Uint8Array | undefined,
): Promise<void> {
  const byId = new Map(blocks.map(block => [block.id, block]))
  await session.hello()
  await session.send({ type: 'announce', items: blocks.map(({ time, id }) => ({ time, id })) })
  for (;;) {
    const message = await session.next('want', 'ping', 'announce')
    if (!message) return
    await session.answer(message)
    if (message.type !== 'want') continue
    for (const id of message.ids) {
      const block = byId.get(id)
      const bytes = block && bytesOf(block)
      await session.send(bytes ? { type: 'blocks', blocks: [bytes] } : { type: 'gone', ids: [id] })
    }
  }
}

async function several(visit: Visit, count: number, fields: Parameters<Visit['sign']>[0] = {}): Promise<Block[]> {
  const blocks: Block[] = []
  for (let i = 0; i < count; i++) blocks.push(await visit.sign({ embedding: [i, 1], ...fields }))
  return blocks
}

const GREENWICH = { latitude: 51.4779, longitude: -0.0015, elevation: 46 }
const SYDNEY = { latitude: -33.8568, longitude: 151.2153 }

/** Attacks by what the blocks say. */
export const CONTENT_ATTACKS = {
  'forged-signatures': {
    story: 'hands over blocks whose signatures are one bit off',
    punished: ['bad-signature'],
    async run(visit) {
      const blocks = await several(visit, 20)
      visit.forbid(...blocks.map(({ id }) => id))
      await offer(await visit.secure(), blocks, block => forge(block, visit.random))
    },
  },
  'foreign-content': {
    story: 'answers with another block than the one that was asked for',
    punished: ['protocol'],
    async run(visit) {
      const blocks = await several(visit, 10)
      const other = await visit.sign({ tags: ['other'] })
      visit.forbid(other.id)
      await offer(await visit.secure(), blocks, () => other.bytes)
    },
  },
  'false-skies': {
    story: 'signs the sky of Sydney for a place in Greenwich, again and again',
    punished: ['sky-mismatch'],
    async run(visit) {
      const time = visit.world.time()
      const sky = observeSky({ time, place: SYDNEY })
      const blocks = await several(visit, 12, { place: GREENWICH, sky })
      visit.forbid(...blocks.map(({ id }) => id))
      await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
    },
  },
  'far-future': {
    story: 'dates blocks days, decades and a century ahead, up to the last instant that a block can name',
    punished: [],
    async run(visit) {
      const now = visit.world.time()
      const times = [now + 3 * DAY, now + 3650 * DAY, 4_102_444_800_000]
      const blocks = (await Promise.all(times.map(time => several(visit, 5, { time })))).flat()
      visit.forbid(...blocks.map(({ id }) => id))
      await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
    },
  },
  withholding: {
    story: 'announces blocks and never hands one over',
    punished: ['timeout'],
    async run(visit) {
      const session = await visit.secure()
      const blocks = await several(visit, 30)
      await session.hello()
      await session.send({ type: 'announce', items: blocks.map(itemOf) })
      for (let message = await session.next('ping'); message; message = await session.next('ping'))
        await session.answer(message)
    },
  },
  'gone-liar': {
    story: 'announces hundreds of blocks and answers that each is gone',
    punished: [],
    async run(visit) {
      const time = visit.world.time()
      const items = Array.from({ length: 200 }, () => ({ time, id: idOf(visit.random.bytes(32)) }))
      await offer(await visit.secure(), items, () => undefined)
    },
  },
  'planted-tombstones': {
    story: 'signs retractions of blocks that others wrote, as soon as it hears of them',
    punished: [],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      const planted = new Map<string, Block>()
      for (let message = await session.next('announce', 'want', 'ping'); message;) {
        await session.answer(message)
        if (message.type === 'announce') {
          const fresh = await Promise.all(message.items.slice(0, 20).map(({ id }) => visit.signRetraction(id)))
          for (const block of fresh) planted.set(block.id, block)
          await session.send({ type: 'announce', items: fresh.map(itemOf) })
        }
        if (message.type === 'want')
          for (const id of message.ids) {
            const block = planted.get(id)
            await session.send(block ? { type: 'blocks', blocks: [block.bytes] } : { type: 'gone', ids: [id] })
          }
        message = await session.next('announce', 'want', 'ping')
      }
    },
  },
  'retraction-flood': {
    story: 'retracts a hundred blocks that nobody has ever seen',
    punished: [],
    async run(visit) {
      const ids = Array.from({ length: 100 }, () => idOf(visit.random.bytes(32)))
      const blocks = await Promise.all(ids.map(id => visit.signRetraction(id)))
      await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
    },
  },
  equivocation: {
    story: 'signs two successors of one block, and gives each to another peer',
    punished: [],
    async run(visit) {
      const first = await visit.sign({ tags: ['first'] })
      const heads = await Promise.all(['left', 'right'].map(tag => visit.sign({ tags: [tag], supersedes: [first.id] })))
      const blocks = [first, visit.random.pick(heads)]
      await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
    },
  },
} satisfies Record<string, Attack>
