import { type Block, createBlock, recoveryCommitment } from '../../block/index'
import { idOf } from '../../sync/index'
import { BEGINNING } from '../simulated-node'
import type { Attack } from './attack'
import { itemOf, type Visit } from './hostile-session'
import { offer, several } from './offer'

/** Early retractions that one author may have waiting at a store, by default. */
const QUOTA = 10_000

/** Hands over retractions of so many blocks that nobody has ever seen. */
async function flood(visit: Visit, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => idOf(visit.random.bytes(32)))
  const blocks: Block[] = []
  for (const id of ids) blocks.push(await visit.signRetraction(id))
  await offer(await visit.secure(), blocks, ({ bytes }) => bytes)
}

/** Attacks on what stores remember: tombstones, versions, identities, what has expired. */
export const MEMORY_ATTACKS = {
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
    run: visit => flood(visit, 100),
  },
  'tombstone-hoard': {
    story: 'retracts more blocks that nobody has ever seen than may wait of one author',
    punished: [],
    visits: 1,
    heavy: true,
    run: visit => flood(visit, QUOTA + 300),
  },
  equivocation: {
    story: 'signs two successors of one block, and gives each to another peer',
    punished: [],
    async run(visit) {
      const first = await visit.sign({ tags: ['first'], time: BEGINNING })
      const headOf = (tag: string) => visit.sign({ tags: [tag], time: BEGINNING + 1, supersedes: [first.id] })
      const heads = await Promise.all(['left', 'right'].map(headOf))
      await offer(await visit.secure(), [first, visit.random.pick(heads)], ({ bytes }) => bytes)
    },
  },
  'two-faces': {
    story:
      'publishes two profiles of one key that name different recovery keys, one here and one there, or both at once',
    punished: [],
    async run(visit) {
      const { signer, world } = visit
      const profileOf = (n: number) => {
        const profile = { recovery: recoveryCommitment(new Uint8Array(32).fill(n)) }
        return createBlock({ profile, time: BEGINNING + n }, signer)
      }
      const profiles = await Promise.all([profileOf(1), profileOf(2)])
      const block = await visit.sign({ tags: ['two-faced'], time: BEGINNING + 3 })
      if (world.contradictions.every(({ did }) => did !== signer.did))
        world.contradictions.push({ did: signer.did, profiles: profiles.map(({ id }) => id), block: block.id })
      const shown = visit.random.pick([profiles, profiles.slice(0, 1), profiles.slice(1)])
      await offer(await visit.secure(), [...shown, block], ({ bytes }) => bytes)
    },
  },
  'stale-notes': {
    story: 'hands over notes that have expired, and others that are about to',
    punished: [],
    async run(visit) {
      const now = visit.world.time()
      const stale = await several(visit, 10, { time: now - 60_000, expires: now - 1_000 })
      visit.forbid(...stale.map(({ id }) => id))
      const brief = await several(visit, 10, { time: now, expires: now + 2_000 })
      await offer(await visit.secure(), [...stale, ...brief], ({ bytes }) => bytes)
    },
  },
} satisfies Record<string, Attack>
