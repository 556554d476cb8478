import type { CompactionOptions, KeyValueStorage } from './key-value-storage'
import { COMPACTED, erasedKey } from './layout'

export interface CompactParts {
  readonly storage: KeyValueStorage
  /** Batches that erased something. */
  erasures(): number
  alone(write: () => Promise<void>): Promise<void>
}

/** Brings what was erased before this call out of the storage; answers whether it is. */
export async function compactStore(parts: CompactParts, options?: CompactionOptions): Promise<boolean> {
  const { storage } = parts
  if (storage.compact === undefined) return true
  const before = parts.erasures()
  if (!(await storage.compact(options))) return false
  await parts.alone(async () => {
    if (before === parts.erasures() && (await needsCompaction(storage))) await storage.batch([COMPACTED])
  })
  return true
}

export async function needsCompaction(storage: KeyValueStorage): Promise<boolean> {
  return storage.compact !== undefined && (await storage.get(erasedKey()))?.[0] === 1
}
