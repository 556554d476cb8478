import { LIMITS } from '../../block/index'
import { INTERESTS, type Interest, type Message, SESSION_LIMITS } from '../../sync/index'
import type { Attack } from './attack'
import type { HostileSession, Visit } from './hostile-session'

const { changes, collections, interests: most, interestTags } = SESSION_LIMITS

type Telling = Extract<Message, { type: 'interests' }>
type Scoping = Extract<Message, { type: 'scope' }>

/** As many interests as may be told, each in a collection of its own of which nobody has heard. */
function madeUp({ random }: Visit, count: number = most, tags: number = interestTags): Telling {
  const interest = (): Interest => ({ tags: Array.from({ length: tags }, () => `t${random.uint32()}`) })
  return { type: 'interests', interests: Array.from({ length: count }, interest) }
}

const scope = (tag: string): Scoping => ({
  type: 'scope',
  collection: { of: 'tag', version: 1, kind: 'embedding', tag },
  ...{ floor: 0, ceiling: LIMITS.time, fetches: false },
})

/** Answers what keeps a session going, and does something at each sign of life. */
async function stay(session: HostileSession, next: () => Promise<void>): Promise<void> {
  for (;;) {
    const message = await session.next('ping', 'pong', 'announce', 'blocks', 'want')
    if (!message) return
    if (message.type === 'want') await session.send({ type: 'gone', ids: message.ids })
    else await session.answer(message)
    if (message.type === 'ping') await next()
  }
}

async function open(visit: Visit): Promise<HostileSession> {
  const session = await visit.secure()
  await session.hello({ extensions: [INTERESTS] })
  return session
}

/** Attacks by what a peer says that it wants. */
export const INTEREST_ATTACKS = {
  fickle: {
    story: 'wants as much as may be told, of collections that nobody has, and something else as often as may be',
    punished: [],
    visits: 2,
    async run(visit) {
      const session = await open(visit)
      for (let i = 0; i <= changes; i++) await session.send(madeUp(visit))
      // Slower than the heartbeat of whoever it visits, so that it stays within what is borne.
      let pings = 0
      await stay(session, async () => {
        if (++pings % 2 === 0) await session.send(madeUp(visit))
      })
    },
  },
  'interest-flood': {
    story: 'wants something else more often than may be',
    punished: ['protocol'],
    async run(visit) {
      const session = await open(visit)
      for (let i = 0; i <= changes + 1; i++) await session.send(madeUp(visit))
      await stay(session, async () => {})
    },
  },
  'interest-hoard': {
    story: 'wants more than may be told at once, or has more collections compared than an audit may',
    punished: ['protocol'],
    async run(visit) {
      const session = await open(visit)
      const scopes = Array.from({ length: collections + 3 }, (_, i) => scope(`t${i}`))
      const floods: readonly (readonly Message[])[] = [
        [madeUp(visit, most + 1)],
        [madeUp(visit, 1, interestTags + 1)],
        [madeUp(visit, 1), { type: 'span', floor: 0, ceiling: LIMITS.time }, ...scopes.flatMap(one => [one, one])],
      ]
      await session.send(...visit.random.pick(floods))
      await stay(session, async () => {})
    },
  },
} satisfies Record<string, Attack>
