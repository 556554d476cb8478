import { observeSky } from '../../sky/index'
import { idOf } from '../../sync/index'
import type { Attack } from './attack'
import { forge, itemOf } from './hostile-session'
import { offer, several } from './offer'

const DAY = 86_400_000

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
