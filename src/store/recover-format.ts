import { attempt, CosmicError, utf8 } from '../base/index'
import { rehash } from './judge-place'
import type { KeyValueStorage } from './key-value-storage'
import { spaceRange, stateKey } from './layout'
import { LogRun } from './log-run'
import { readOldRecord } from './migrate'
import { decodeState } from './store-state'
import { readUint48 } from './uint48'

/** Values of a space that are looked at: one that is whole is enough. */
const LOOKED_AT = 64

/** What a storage holds whose format value is not to be believed, told by values that bear the sums of just their keys. */
export async function formatHeld(storage: KeyValueStorage): Promise<'this' | 'old' | undefined> {
  if (await some(storage, { gte: utf8('b'), lt: utf8('c') }, isOldRecord)) return 'old'
  const state = await storage.get(stateKey())
  if (state && attempt(() => decodeState(state)).ok) return 'this'
  if (await some(storage, spaceRange('log'), isRun)) return 'this'
  return (await some(storage, spaceRange('record'), (_, record) => rehash(record) !== undefined)) ? 'this' : undefined
}

/** For `onDamage`. */
export function recovered(): CosmicError {
  const message = 'storage: the format value was damaged'
  return new CosmicError({
    code: 'storage',
    field: 'format',
    hint: 'everything was made anew from the records',
    message,
  })
}

async function some(
  storage: KeyValueStorage,
  range: { readonly gte: Uint8Array; readonly lt: Uint8Array },
  isWhole: (key: Uint8Array, value: Uint8Array) => boolean,
): Promise<boolean> {
  for await (const [key, value] of storage.range({ ...range, limit: LOOKED_AT })) if (isWhole(key, value)) return true
  return false
}

const isRun = (key: Uint8Array, value: Uint8Array) =>
  key.length === 7 && attempt(() => LogRun.read(readUint48(key, 1), value)).ok

const isOldRecord = (key: Uint8Array, value: Uint8Array) =>
  readOldRecord(String.fromCharCode(...key.subarray(1)), value) !== undefined
