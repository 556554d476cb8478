import { observeSky } from '../../sky/index'
import { idOf, SESSION_LIMITS } from '../../sync/index'
import type { Attack } from './attack'
import { forge, itemOf } from './hostile-session'
import { offer, several } from './offer'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Beyond what one source may have waiting. */
const MANY = 530

/** Heartbeats of whoever keeps a block back, after which it has come from another. */
const BEATS_UNTIL_HELD = 4

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
      await offer(await visit.secure(), blocks, ({ bytes }) => forge(bytes, visit.random))
    },
  },
  'invalid-flood': {
    story: 'comes as twenty at a time, each of whom hands over a forged block',
    punished: ['bad-signature'],
    visits: 2,
    async run(visit) {
      const blocks = await several(visit, 20)
      visit.forbid(...blocks.map(({ id }) => id))
      const one = async (block: (typeof blocks)[number]) =>
        offer(await visit.secureAsAnother(), [block], ({ bytes }) => forge(bytes, visit.random))
      await Promise.allSettled(blocks.map(one))
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
  'far-future-heap': {
    story: 'dates more blocks some hours ahead than may wait of one source',
    punished: [],
    visits: 2,
    heavy: true,
    async run(visit) {
      const time = visit.world.time() + visit.random.between(2, 20) * HOUR
      await offer(await visit.secure(), await several(visit, MANY, { time }), ({ bytes }) => bytes)
    },
  },
  'over-credit': {
    story: 'hands over more bytes of what was asked for than it was granted, all at once',
    punished: ['protocol'],
    heavy: true,
    async run(visit) {
      const input = { type: 'text', content: 'x'.repeat(60_000) } as const
      const blocks = await several(visit, Math.ceil((1.3 * SESSION_LIMITS.window) / 60_000), { input })
      await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
    },
  },
  'other-copy': {
    story: 'hands over a block late, when it came from somebody else, and under another signature that is none',
    punished: ['bad-signature'],
    heavy: true,
    async run(visit) {
      const block = await visit.sign({ tags: ['copied'] })
      const [slow, quick] = [await visit.secure(), await visit.secureAsAnother()]
      await slow.hello()
      await slow.send({ type: 'announce', items: [itemOf(block)] })
      for (
        let message = await slow.next('want', 'ping');
        message?.type === 'ping';
        message = await slow.next('want', 'ping')
      )
        await slow.answer(message)
      // Whoever keeps it waiting is passed over for another, who brings it.
      void offer(quick, [block], ({ bytes }) => bytes)
      for (let pings = 0; pings < BEATS_UNTIL_HELD; pings++) {
        const ping = await slow.next('ping')
        if (!ping) return
        await slow.answer(ping)
      }
      await slow.send({ type: 'blocks', blocks: [forge(block.bytes, visit.random)] })
      for (let message = await slow.next('ping'); message; message = await slow.next('ping')) await slow.answer(message)
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
} satisfies Record<string, Attack>
