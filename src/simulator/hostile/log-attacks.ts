import { RESUME } from '../../sync/index'
import type { Attack } from './attack'

/** A cursor of this library has so many bytes. */
const CURSOR_BYTES = 56

/** Attacks by what is said of arrival logs. */
export const LOG_ATTACKS = {
  'forged-cursors': {
    story: 'presents cursors that it makes up, and tells places in a log that nobody has',
    punished: [],
    async run(visit) {
      const session = await visit.secure()
      await session.hello({ extensions: [RESUME] })
      await session.send({ type: 'resume', cursor: visit.random.bytes(visit.random.pick([1, CURSOR_BYTES, 128])) })
      await session.next('stale')
      for (let message = await session.next('ping', 'announce'); message;) {
        await session.answer(message)
        for (let i = 0; i < 20; i++) await session.send({ type: 'position', cursor: visit.random.bytes(CURSOR_BYTES) })
        message = await session.next('ping', 'announce')
      }
    },
  },
  'second-cursor': {
    story: 'presents a second cursor in one session',
    punished: ['protocol'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello({ extensions: [RESUME] })
      for (let i = 0; i < 2; i++) await session.send({ type: 'resume', cursor: new Uint8Array(0) })
      await visit.wait(10_000)
    },
  },
} satisfies Record<string, Attack>
