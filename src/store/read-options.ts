import { flag, func, having, milliseconds, offset, randomPort, record } from '../base/index'
import type { KeyValueStorage } from './key-value-storage'
import type { BlockStoreOptions } from './open-block-store'

export const readStorage = having<KeyValueStorage>(
  'an open storage: memoryStorage()',
  'get',
  'getMany',
  'batch',
  'range',
  'close',
)
export const readOptions = record<BlockStoreOptions>({
  onDamage: func,
  cacheBytes: milliseconds,
  waitingRetractions: offset,
  waitingRetractionsPerAuthor: offset,
  random: randomPort,
  recover: flag,
})
