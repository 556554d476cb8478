import { concat } from '../base/index'
import type { BlockQuery } from './block-store'
import type { KeyValueStorage } from './key-value-storage'
import { aboutBy, countKey, decodeCount, indexPrefix, timePrefix } from './layout'
import { uint64 } from './uint64'

/** The one index range that a query walks; every entry's block is checked against the whole query afterwards. */
export interface Plan {
  readonly prefix: Uint8Array
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** Picks the index with the fewest entries among those that the query names, by their counts; by time when it names none. */
export async function planQuery(storage: KeyValueStorage, query: BlockQuery): Promise<Plan> {
  const { author, kind, model, about, tags = [], since = 0, until = Infinity } = query
  const prefixes = tags.map(tag => indexPrefix('tag', tag))
  if (author !== undefined) prefixes.push(indexPrefix('author', author))
  if (model !== undefined) prefixes.push(indexPrefix('model', model))
  if (about !== undefined) prefixes.push(author === undefined ? indexPrefix('about', about) : aboutBy(about, author))
  if (kind !== undefined) prefixes.push(indexPrefix('kind', kind))

  const counts = (await storage.getMany(prefixes.map(countKey))).map(decodeCount)
  const prefix = prefixes[counts.indexOf(Math.min(...counts))] ?? timePrefix()
  return { prefix, gte: concat(prefix, bound(since)), lt: concat(prefix, bound(until)) }
}

/** Times are whole, so a bound between two of them is the later one. */
function bound(time: number): Uint8Array {
  return uint64(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(time))))
}
