import { CosmicError, utf8 } from '../base/index'
import type { BlockWriter } from './block-writer'
import type { KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey, REPAIRING, spaceRange, stateKey } from './layout'
import { migrate, MIGRATING, OLD_FORMAT } from './migrate'
import { repairStore } from './repair-store'
import { decodeState, encodeState, firstState, type StoreState } from './store-state'

type OnDamage = ((error: CosmicError) => void) | undefined

/**
 * Claims an empty storage for the format, carries one of format 1 over, or checks that it has this one; counts the state
 * anew where it is damaged. Rejects with `storage` when the storage holds something else.
 */
export async function openFormat(
  storage: KeyValueStorage,
  epoch: Uint8Array,
  writer: BlockWriter,
  onDamage: OnDamage,
): Promise<void> {
  const found = await storage.get(formatKey())
  const name = found && new TextDecoder().decode(found)
  if (name === undefined) await claim(storage, epoch)
  else if (name === OLD_FORMAT || name === MIGRATING) await migrate(storage, epoch, writer, onDamage)
  else if (name === REPAIRING) await repair(storage, epoch)
  else if (name !== FORMAT) throw foreign(name)
  else await mendState(storage, epoch, onDamage)
}

async function claim(storage: KeyValueStorage, epoch: Uint8Array): Promise<void> {
  for await (const _ of storage.range({ limit: 1 })) {
    const hint = 'the storage is not empty and holds no block store: choose another'
    throw new CosmicError({ code: 'storage', field: 'format', hint })
  }
  await storage.batch([
    { type: 'put', key: formatKey(), value: utf8(FORMAT) },
    { type: 'put', key: stateKey(), value: firstState(epoch) },
  ])
}

async function mendState(storage: KeyValueStorage, epoch: Uint8Array, onDamage: OnDamage): Promise<void> {
  const value = await storage.get(stateKey())
  try {
    await countTerms(storage, decodeState(value))
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    await repair(storage, epoch)
    onDamage?.(new CosmicError({ code: 'storage', field: 'totals', hint: 'they were counted anew' }))
  }
}

/** Of a store that an earlier version wrote, which did not. */
async function countTerms(storage: KeyValueStorage, state: StoreState): Promise<void> {
  if (state.terms !== undefined) return
  state.terms = 0
  for await (const _ of storage.range(spaceRange('dictionary'))) state.terms++
  await storage.batch([{ type: 'put', key: stateKey(), value: encodeState(state) }])
}

async function repair(storage: KeyValueStorage, epoch: Uint8Array): Promise<void> {
  for await (const _ of repairStore({ storage, epoch }));
}

function foreign(name: string): CosmicError {
  const hint = name.startsWith('cosmic-embeddings/store/')
    ? 'it was written by another version of cosmic-embeddings: use that version, or another storage'
    : 'the storage belongs to something else: choose another'
  return new CosmicError({ code: 'storage', field: 'format', limit: FORMAT, hint })
}
