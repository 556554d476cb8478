import type { StoreProgress, WaitOptions } from './block-store'
import type { BlockWriter } from './block-writer'
import { checkStore } from './check-store'
import type { IndexGuard } from './index-guard'
import type { KeyValueStorage } from './key-value-storage'

export interface CheckParts {
  readonly storage: KeyValueStorage
  readonly indexes: Pick<IndexGuard, 'mends' | 'whole'>
  readonly writer: Pick<BlockWriter, 'alone' | 'isQuietSince' | 'writes'>
}

/**
 * Compares a store that may be in use. A repair that was cut short is brought to its end first, and one that begins meanwhile is waited
 * for, after which all is compared anew. Where something differs after others wrote, which may be why, all is compared once more while
 * nobody writes; so what is told is damage. Rejects as `checkStore`, or with why a repair cannot be brought to its end.
 */
export async function* checkWhole(parts: CheckParts, options: WaitOptions = {}): AsyncGenerator<StoreProgress> {
  const { storage, indexes, writer } = parts
  const told = new Set<string>()
  let isDoubtful = false
  for (let version = NaN; version !== indexes.mends;) {
    await indexes.whole(options.signal)
    version = indexes.mends
    const since = writer.writes
    for await (const progress of checkStore(storage, options)) {
      if (version !== indexes.mends) break
      if (progress.finding && !writer.isQuietSince(since)) isDoubtful = true
      else yield progress
      if (progress.finding && !isDoubtful) told.add(progress.finding.field)
    }
  }
  if (!isDoubtful) return
  for (const progress of await findingsAlone(parts, options)) if (!told.has(progress.finding!.field)) yield progress
}

function findingsAlone({ storage, writer }: CheckParts, options: WaitOptions): Promise<StoreProgress[]> {
  return writer.alone(async () => {
    const found: StoreProgress[] = []
    for await (const progress of checkStore(storage, options)) if (progress.finding) found.push(progress)
    return found
  })
}
