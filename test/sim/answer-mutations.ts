import type { Mutation } from './mutations'

/** Faults in what is answered, told and removed too early or too late: sync, places of logs, retention. */
export const ANSWER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'show as synced before the peer has dealt with what it was told',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-state.ts',
    line: 'return toAnnounce(state) + state.unsettled + state.wanted.size + state.loading.length === 0',
    becomes: 'return toAnnounce(state) + state.wanted.size + state.loading.length === 0',
  },
  {
    name: 'take one credit for all that the peer was told',
    shownBy: 'rush-hour',
    file: 'sync/session-serve.ts',
    line: 'state.unsettled = Math.max(0, state.unsettled - items)',
    becomes: 'state.unsettled = 0',
  },
  {
    name: 'answer waitForSync before a peer is synced',
    shownBy: 'two-laptops-on-a-train',
    file: 'client/wait-for-sync.ts',
    line: 'if (peers) return peers.every(did => idle.some(({ peer }) => peer === did))',
    becomes: 'if (peers) return peers.every(did => statuses.some(({ peer }) => peer === did))',
  },
  {
    name: 'tell a place of the log before all up to it was told',
    shownBy: 'two-laptops-on-a-train',
    file: 'sync/session-resume.ts',
    line: "return isCompared && toAnnounce(state) === 0 && state.audit === 'none' && !state.auditDue",
    becomes: 'return isCompared',
  },
  {
    name: 'begin a sweep that failed when others are due only',
    shownBy: 'notes-that-expire',
    file: 'ingest/retention/retention.ts',
    line: 'if (this.#failures > 0) return this.#schedule(Math.min(SWEEP_DELAY * 2 ** this.#failures, SWEEP_INTERVAL))',
    becomes: '',
  },
  {
    name: 'forget what a sweep that failed was to erase',
    shownBy: 'notes-that-expire',
    file: 'ingest/retention/retention.ts',
    line: 'this.#read = false',
    becomes: '',
  },
]
