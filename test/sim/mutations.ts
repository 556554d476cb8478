import { ANSWER_MUTATIONS } from './answer-mutations'
import { IDENTITY_MUTATIONS } from './identity-mutations'
import { INTEREST_MUTATIONS } from './interest-mutations'
import { STRANGER_MUTATIONS } from './stranger-mutations'

/** One deliberate fault: a line of a production machine, and what takes its place. */
export interface Mutation {
  readonly name: string
  /** A scenario that has shown it: its seeds are tried first. */
  readonly shownBy?: string
  /** Below `src/`. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly line: string
  readonly becomes: string
}

/** Faults that the simulator must notice, each alone. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'skip the check of signatures',
    shownBy: 'siege',
    file: 'validate/verify-bytes.ts',
    line: 'const isSigned = await verify(publicKey, message, signature)',
    becomes: 'const isSigned = publicKey.length > 0',
  },
  {
    name: 'take blocks that nobody asked for',
    shownBy: 'one-liar-among-ten',
    file: 'sync/session-fetch.ts',
    line: 'if (!state.inFlight.delete(id.value))',
    becomes: 'if (!state.inFlight.delete(id.value) && id.value === "")',
  },
  {
    name: 'ask again for what is under way',
    shownBy: 'second-thoughts',
    file: 'sync/session-fetch.ts',
    line: 'return state.need.has(id) || state.inFlight.has(id) || state.ingesting.has(id)',
    becomes: 'return state.need.has(id)',
  },
  {
    name: 'never give credit back',
    shownBy: 'rush-hour',
    file: 'sync/session-fetch.ts',
    line: "send(context, { type: 'credit', bytes: state.owedBytes, items: state.owedItems })",
    becomes: '',
  },
  {
    name: 'keep to itself what an audit found the peer to lack',
    shownBy: 'long-lists',
    file: 'sync/session-audit.ts',
    line: 'for (const { time, id } of step.value.have) announceLater(context, { time: Number(time), id: idOf(id) }, pass)',
    becomes: '',
  },
  {
    name: 'leave out the first item of a range',
    shownBy: 'from-log-to-log',
    file: 'sync/negentropy/negentropy.ts',
    line: "return { mode: 'ids', upper: bound, ids: Array.from({ length: upper - lower }, (_, i) => set.get(lower + i).id) }",
    becomes:
      "return { mode: 'ids', upper: bound, ids: Array.from({ length: Math.max(0, upper - lower - 1) }, (_, i) => set.get(lower + i + 1).id) }",
  },
  {
    name: 'bear announcements beyond the credit',
    shownBy: 'siege',
    file: 'sync/session-announce.ts',
    line: "if (state.grantedItems < 0) return endForFault(context, 'announce', { limit: SESSION_LIMITS.items })",
    becomes: '',
  },
  {
    name: 'bear false skies for ever',
    shownBy: 'siege',
    file: 'sync/session-fetch.ts',
    line: 'if (state.faults >= SESSION_LIMITS.faults)',
    becomes: 'if (state.faults < 0)',
  },
  {
    name: 'wait for ever for a peer that owes an answer',
    shownBy: 'siege',
    file: 'sync/session-health.ts',
    line: 'if (state.stalls >= SESSION_LIMITS.stalls)',
    becomes: 'if (state.stalls < 0)',
  },
  {
    name: 'keep a peer that shows no sign of life',
    shownBy: 'siege',
    file: 'sync/session-health.ts',
    line: 'if (++state.silent > SESSION_LIMITS.heartbeatsMissed)',
    becomes: 'if (++state.silent < 0)',
  },
  {
    name: 'compare for ever what never narrows',
    shownBy: 'one-liar-among-ten',
    file: 'sync/narrowing.ts',
    line: 'else if (narrowing.still > stillReconciles)',
    becomes: 'else if (narrowing.still < 0)',
  },
  {
    name: 'use every nonce of the channel twice and more',
    shownBy: 'vandal-on-the-line',
    file: 'wire/noise-symmetric.ts',
    line: 'setBigUint64(4, BigInt(this.#nonce++), true)',
    becomes: 'setBigUint64(4, BigInt(0), true)',
  },
  {
    name: 'dial nobody again',
    shownBy: 'cafe-wifi',
    file: 'client/targets.ts',
    line: 'if (isPassing(failure)) target.redial.schedule()',
    becomes: 'if (failure === null) target.redial.schedule()',
  },
  {
    name: 'tell the sessions nothing of what comes in',
    shownBy: 'from-log-to-log',
    file: 'client/set-view.ts',
    line: 'this.#onInserted(items)',
    becomes: '',
  },
  {
    name: 'leave timers running after the end',
    shownBy: 'two-laptops-on-a-train',
    file: 'client/session-runner.ts',
    line: 'for (const cancel of this.#timers.values()) cancel()',
    becomes: '',
  },
  {
    name: 'forget what waits for its time',
    shownBy: 'a-clock-a-day-ahead',
    file: 'client/intake.ts',
    line: 'if (this.#closed || due === undefined) return',
    becomes: 'if (this.#closed || due !== 0) return',
  },
  {
    name: 'never ask again for what was dated too far ahead',
    shownBy: 'a-clock-a-day-ahead',
    file: 'sync/session-fetch.ts',
    line: 'state.settled.delete(id)',
    becomes: '',
  },
  {
    name: 'acknowledge a batch before it is durable',
    shownBy: 'crash-at-any-write',
    file: 'store/block-writer.ts',
    line: 'await storage.batch(operations)',
    becomes: 'void storage.batch(operations).catch(() => {})',
  },
  {
    name: 'use a place of the arrival log again',
    shownBy: 'two-laptops-on-a-train',
    file: 'store/draft.ts',
    line: 'return ++this.state.seq',
    becomes: 'return this.state.seq % 7 === 6 ? this.state.seq : ++this.state.seq',
  },
  {
    name: 'leave tags out of the index',
    shownBy: 'two-laptops-on-a-train',
    file: 'store/terms.ts',
    line: 'for (const tag of tagsOf(block)) terms.push(COUNTED.tag + tag)',
    becomes: '',
  },
  {
    name: 'forget tombstones',
    shownBy: 'second-thoughts',
    file: 'store/settle-put.ts',
    line: 'isRetractable(block) && (isTombstoned(block) || state.isRetracted(block.id, block.author))',
    becomes: 'isRetractable(block) && isTombstoned(block) && false',
  },
  {
    name: 'let anyone withdraw a block',
    shownBy: 'siege',
    file: 'store/settle-put.ts',
    line: 'return target.author === retraction.author && isRetractable(target)',
    becomes: 'return retraction.author !== "" && isRetractable(target)',
  },
  {
    name: 'keep to itself what came into the log since the last session',
    shownBy: 'from-log-to-log',
    file: 'sync/session-resume.ts',
    line: 'for (const item of items) if (!state.known.has(item.id)) announceLater(context, item)',
    becomes: '',
  },
  {
    name: 'remember a place of the log before what it names was fetched',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-resume.ts',
    line: 'return hasFetchedAll(state) && state.deferred.size === 0 && !state.isUnsure',
    becomes: 'return state.deferred.size === 0 && !state.isUnsure',
  },
  {
    name: 'take the log of a restored store for the one before',
    shownBy: 'from-log-to-log',
    file: 'client/log-places.ts',
    line: "if (notice !== 'known' || end.seq - cursor.seq > SESSION_LIMITS.replay) return undefined",
    becomes: "if (notice === 'stale' || end.seq - cursor.seq > SESSION_LIMITS.replay) return undefined",
  },
  {
    name: 'check every signature twice',
    shownBy: 'two-laptops-on-a-train',
    file: 'validate/verify-bytes.ts',
    line: 'const isSigned = await verify(publicKey, message, signature)',
    becomes:
      'const isSigned = (await verify(publicKey, message, signature)) && (await verify(publicKey, message, signature))',
  },
  {
    name: 'compare sets again with every heartbeat',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-health.ts',
    line: 'if (state.silent > 1) sendPing(context)',
    becomes: 'state.auditDue = true\n  if (state.silent > 1) sendPing(context)',
  },
  {
    name: 'compare sets with anyone without end',
    shownBy: 'one-liar-among-ten',
    file: 'sync/session-audit.ts',
    line: 'const read = readSketch(context, question)',
    becomes: 'state.reconciles++\n  const read = readSketch(context, question)',
  },
  {
    name: 'keep the credit of what was announced',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-fetch.ts',
    line: 'if (state.announced.delete(id)) state.owedItems++',
    becomes: '',
  },
  {
    name: 'keep what the ingest has dealt with',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-fetch.ts',
    line: 'state.batches.delete(batch)',
    becomes: '',
  },
  {
    name: 'leave out the first of what an audit found to be lacking',
    shownBy: 'from-log-to-log',
    file: 'sync/session-audit.ts',
    line: 'for (const id of step.value.need) askLater(state, idOf(id))',
    becomes: 'for (const id of step.value.need.slice(1)) askLater(state, idOf(id))',
  },
  {
    name: 'keep in the reconciled set what was erased',
    shownBy: 'second-thoughts',
    file: 'client/set-view.ts',
    line: 'this.#set.delete(itemOf({ id, time }))',
    becomes: '',
  },
  {
    name: 'hand messages over in another order',
    shownBy: 'two-laptops-on-a-train',
    file: 'client/outbox.ts',
    line: 'this.#queue.push(message)',
    becomes: 'this.#queue.splice(Math.min(1, this.#queue.length), 0, message)',
  },
  {
    name: 'announce what lies below the floor of the peer',
    shownBy: 'short-memories',
    file: 'sync/session-announce.ts',
    line: 'if (time < state.peerFloor || state.wanted.has(id) || state.loading.includes(id)) return',
    becomes: 'if (state.wanted.has(id) || state.loading.includes(id)) return',
  },
  {
    name: 'keep showing what was erased',
    shownBy: 'second-thoughts',
    file: 'store/block-writer.ts',
    line: 'cache.delete([...judged.map(({ block }) => block.id), ...[...erased, ...lost].map(({ id }) => id)])',
    becomes: '',
  },
  {
    name: 'forget that something was erased',
    shownBy: 'second-thoughts',
    file: 'store/block-writer.ts',
    line: 'if (erased.length > 0) draft.operations.push(ERASED)',
    becomes: '',
  },
  ...ANSWER_MUTATIONS,
  ...IDENTITY_MUTATIONS,
  ...INTEREST_MUTATIONS,
  ...STRANGER_MUTATIONS,
]
