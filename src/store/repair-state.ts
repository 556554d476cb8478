import { attempt } from '../base/index'
import { decodeIdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryRange, spaceRange, stateKey } from './layout'
import { firstOf, LogRun } from './log-run'
import { emptyState, encodeState, type StoreState } from './store-state'
import { decodeRow } from './term-row'
import { COUNTED } from './terms'
import { readUint32, readUint48 } from './uint48'

/**
 * Makes the state anew from ids, dictionary and log, under a new epoch. The floor is not told anywhere else: it is 0 until
 * it is raised again.
 */
export async function repairState(storage: KeyValueStorage, epoch: Uint8Array): Promise<void> {
  const state = emptyState(epoch)
  await readEnd(storage, state)
  for await (const [, value] of storage.range(spaceRange('id'))) {
    const entry = decodeIdEntry(value)
    if (entry?.state === 'pruned') state.pruned++
    if (entry?.state !== 'held') continue
    state.blocks++
    if (entry.admitted) state.admitted++
    if (entry.waiting) state.waiting++
  }
  for await (const [key, value] of storage.range(dictionaryRange(COUNTED.kind))) {
    const row = attempt(() => decodeRow(key, value))
    if (row.ok) state.bytes += row.value.bytes
  }
  for await (const [key] of storage.range({ ...spaceRange('postings'), reverse: true, limit: 1 })) {
    state.nextTerm = Math.max(state.nextTerm, readUint32(key, 1) + 1)
  }
  await storage.batch([{ type: 'put', key: stateKey(), value: encodeState(state) }])
}

/** Where the log ends, and the chain there. Rejects as a damaged run does. */
async function readEnd(storage: KeyValueStorage, state: StoreState): Promise<void> {
  for await (const [key, value] of storage.range({ ...spaceRange('log'), reverse: true, limit: 1 })) {
    const run = LogRun.read(readUint48(key, 1), value)
    state.seq = firstOf(run.run) + run.length - 1
    state.chain = run.chainAt(state.seq)
  }
}
