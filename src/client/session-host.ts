import type { Clock } from '../base/index'
import { cidOf, FORMAT_VERSION, kindOf, KNOWN_KINDS, openEnvelope } from '../block/index'
import type { BlockStore } from '../store/index'
import { isUnkept } from '../ingest/index'
import {
  isWanted,
  SKETCH_EXTENSION,
  type IngestResult,
  type Interests,
  type SessionOptions,
  traitsOf,
} from '../sync/index'
import type { Verdict } from '../validate/index'
import type { Intake } from './intake'
import { turnAway } from './interest-gate'
import { PeerIntake } from './peer-intake'
import { Requests } from './requests'
import type { SessionHost } from './session-runner'
import { SOFTWARE } from './software'

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
  const incoming = new PeerIntake(intake)
  return {
    requests: new Requests(clock),
    async load(ids, interests) {
      const envelopes = interests
        ? await wantedEnvelopes(store, ids, interests)
        : await (store.envelopes?.(ids) ?? envelopesOf(store, ids))
      return ids.map((id, i) => ({ id, ...(envelopes[i] && { bytes: envelopes[i] }) }))
    },
    async ingest(brought, peer, interests) {
      const away = interests && (await turnAway(store, brought, interests))
      const blocks = away ? brought.filter(({ id }) => !away.has(id)) : brought
      const taken = blocks.length > 0 ? await incoming.take(blocks, peer) : []
      const results = blocks.map(({ id, bytes }, i) => {
        const { verdict, added } = taken[i]!
        if (!(verdict.status === 'valid' && verdict.admitted)) onRefused(peer, id, verdict)
        return { id, ...outcomeOf(verdict, !added, bytes, clock) }
      })
      return away ? [...results, ...away.values()] : results
    },
  }
}

async function envelopesOf(store: BlockStore, ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  return (await store.getMany(ids)).map(stored => stored?.block.bytes)
}

async function wantedEnvelopes(
  store: BlockStore,
  ids: readonly string[],
  interests: Interests,
): Promise<readonly (Uint8Array | undefined)[]> {
  const stored = await store.getMany(ids)
  return stored.map(held => (held && isWanted(traitsOf(held.block), interests) ? held.block.bytes : undefined))
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
