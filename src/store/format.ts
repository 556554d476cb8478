import { CosmicError, equal, isObject, refuse, utf8 } from '../base/index'
import type { BlockWriter } from './block-writer'
import type { KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey, REPAIRING, spaceRange, stateKey } from './layout'
import { migrate, MIGRATING, OLD_FORMAT } from './migrate'
import { formatHeld, recovered } from './recover-format'
import { repairStore } from './repair-store'
import { decodeState, encodeState, firstState, type StoreState } from './store-state'

export interface FormatParts {
  readonly storage: KeyValueStorage
  readonly epoch: Uint8Array
  readonly writer: BlockWriter
  readonly onDamage: (error: CosmicError) => void
  /** A format value that is damaged or gone does not keep a store from being opened. */
  readonly recover: boolean
}

/**
 * Claims an empty storage for the format, carries one of format 1 over, or checks that it has this one; counts the state
 * anew where it is damaged. Rejects with `storage` when the storage holds something else.
 */
export async function openFormat(parts: FormatParts): Promise<void> {
  const { storage, epoch, writer, onDamage, recover } = parts
  await assertAnswers(storage)
  const found = await storage.get(formatKey())
  const name = found && new TextDecoder().decode(found)
  if (name === OLD_FORMAT || name === MIGRATING) return migrate(storage, epoch, writer, onDamage)
  if (name === REPAIRING) return repair(storage, epoch)
  if (name === FORMAT) return mendState(storage, epoch, onDamage)
  const held = recover ? await formatHeld(storage) : undefined
  if (held === undefined) return name === undefined ? claim(storage, epoch) : refuseFormat(name)
  if (held === 'old') await migrate(storage, epoch, writer, onDamage)
  else await repair(storage, epoch)
  onDamage(recovered())
}

/** Refuses by name what has the methods of a storage, and does not answer as one. */
async function assertAnswers(storage: KeyValueStorage): Promise<void> {
  const values: unknown = await storage.getMany([formatKey()])
  const value: unknown = await storage.get(formatKey())
  const isValue = (each: unknown) => each === undefined || each instanceof Uint8Array
  const range: unknown = storage.range({ limit: 1 })
  const isRange =
    isObject(range) && typeof (range as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
  if (Array.isArray(values) && values.length === 1 && isValue(values[0]) && isValue(value) && isRange) return
  refuse('bad-value', 'storage', ANSWERS)
}

const ANSWERS = 'a storage that answers as KeyValueStorage says: keyValueStorageSuite tells where it does not'

async function claim(storage: KeyValueStorage, epoch: Uint8Array): Promise<void> {
  for await (const _ of storage.range({ limit: 1 })) {
    const hint = `the storage is not empty and holds no block store: choose another. ${RECOVER}`
    throw new CosmicError({ code: 'storage', field: 'format', hint })
  }
  const value = utf8(FORMAT)
  await storage.batch([
    { type: 'put', key: formatKey(), value },
    { type: 'put', key: stateKey(), value: firstState(epoch) },
  ])
  const written = await storage.get(formatKey())
  if (!written || !equal(written, value)) refuse('bad-value', 'storage', ANSWERS)
}

async function mendState(
  storage: KeyValueStorage,
  epoch: Uint8Array,
  onDamage: FormatParts['onDamage'],
): Promise<void> {
  const value = await storage.get(stateKey())
  try {
    await countTerms(storage, decodeState(value))
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    await repair(storage, epoch)
    onDamage(new CosmicError({ code: 'storage', field: 'totals', hint: 'they were counted anew' }))
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

const RECOVER = 'Of one that did, and is damaged, open it with recover: true'

function refuseFormat(name: string): never {
  const hint = name.startsWith('cosmic-embeddings/store/')
    ? 'it was written by another version of cosmic-embeddings: use that version, or another storage'
    : `the storage belongs to something else: choose another. ${RECOVER}`
  throw new CosmicError({ code: 'storage', field: 'format', limit: FORMAT, hint })
}
