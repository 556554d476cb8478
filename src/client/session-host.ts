import type { Clock } from '../base/index'
import { cidOf, FORMAT_VERSION, kindOf, KNOWN_KINDS, openEnvelope } from '../block/index'
import type { BlockStore } from '../store/index'
import { isUnkept } from '../ingest/index'
import { isWanted, SKETCH_EXTENSION, type IngestResult, type SessionOptions } from '../sync/index'
import type { Verdict } from '../validate/index'
import type { Intake } from './intake'
import { turnAway } from './interest-gate'
import type { SessionHost } from './session-runner'
import { SOFTWARE } from './software'
import { traitsOf } from './traits-of'

/** What this node tells every peer of itself, and how its sessions read ids. */
export const sessionIdentity: Pick<SessionOptions, 'identify' | 'kinds' | 'software' | 'extensions'> = {
  software: SOFTWARE,
  extensions: [SKETCH_EXTENSION],
  kinds: KNOWN_KINDS.map(kind => ({ version: FORMAT_VERSION, kind })),
  identify: bytes => {
    const opened = openEnvelope(bytes)
    return opened.ok ? { ok: true, value: cidOf(opened.value.payload) } : opened
  },
}

/** What found no room, or may be due at any moment, is not asked for again at once. */
const RETRY_MS = 60_000

/** Lets sessions read from the store and write through the funnel. `onRefused` hears of every block that was not admitted. */
export function sessionHost(
  store: BlockStore,
  intake: Intake,
  clock: Clock,
  onRefused: (peer: string, id: string, verdict: Verdict) => void,
): SessionHost {
  return {
    async load(ids, interests) {
      const blocks = (await store.getMany(ids)).map(stored => stored?.block)
      const chosen = blocks.map(block => block && (!interests || isWanted(traitsOf(block), interests)) && block)
      return ids.map((id, i) => ({ id, ...(chosen[i] && { bytes: chosen[i].bytes }) }))
    },
    async ingest(brought, peer, interests) {
      const away = interests && (await turnAway(store, brought, interests))
      const blocks = away ? brought.filter(({ id }) => !away.has(id)) : brought
      const known = await store.has(blocks.map(({ id }) => id))
      const inputs = blocks.map(({ bytes }) => bytes)
      const verdicts = await intake.take(inputs, peer)
      const results = blocks.map(({ id, bytes }, i) => {
        const verdict = verdicts[i]!
        if (!(verdict.status === 'valid' && verdict.admitted)) onRefused(peer, id, verdict)
        return { id, ...outcomeOf(verdict, known[i]!, bytes, clock) }
      })
      return away ? [...results, ...away.values()] : results
    },
  }
}

/** What the session needs to know of a verdict; of an invalid block also its kind, whose rules the peer may not know. */
function outcomeOf(verdict: Verdict, known: boolean, bytes: Uint8Array, clock: Clock): Omit<IngestResult, 'id'> {
  if (isUnkept(verdict)) return { status: 'refused', code: verdict.code }
  if (verdict.status === 'valid') return { status: known ? 'duplicate' : 'stored' }
  if (verdict.status === 'deferred') {
    const { code, until } = verdict
    // Without a code it waits in this node's own queue, and nobody needs to bring it again.
    return { status: 'deferred', ...(code && { code, wait: Math.max(until - clock.now(), RETRY_MS) }) }
  }
  const kind = kindOf(bytes)
  return { status: 'invalid', code: verdict.code, ...(kind && { kind }) }
}
