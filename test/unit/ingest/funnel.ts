import type { Clock } from '../../../src/base/index'
import { createBlock } from '../../../src/block/index'
import { type DeferredQueueOptions, Ingest, openDeferredQueue, type Stored } from '../../../src/ingest/index'
import { type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { CosmicValidator, type Policy } from '../../../src/validate/index'
import { signerOf } from '../../tools/stored-block'

export const NOW = 1_800_000_000_000
export const HOUR = 3_600_000

interface Setting extends DeferredQueueOptions {
  readonly storage?: KeyValueStorage
  readonly policy?: Policy
}

/** The real funnel over the real validator and store, with a clock that the test sets. */
export async function funnel({ storage = memoryStorage(), policy = {}, ...bounds }: Setting = {}) {
  const time = { now: NOW }
  const clock: Clock = { now: () => time.now }
  const store = await openBlockStore(storage)
  const queue = await openDeferredQueue(storage, bounds)
  const validator = new CosmicValidator({ maxSkew: 0, ...policy, clock })
  const validated: number[] = []
  const counting = {
    validate: (bytes: Parameters<typeof validator.validate>[0]) => {
      validated.push(1)
      return validator.validate(bytes)
    },
  }
  const ingest = new Ingest({ validator: counting, store, queue, clock })
  const stored: Stored[] = []
  ingest.on('stored', event => stored.push(event))
  const ids = async () => (await collect(store.log())).map(({ id }) => id)
  return { storage, store, queue, ingest, stored, time, ids, validated }
}

export const at = (now: number): Clock => ({ now: () => now })

/** Dated from the test's clock; not judged by the wall clock. */
export const blockAt = async (time: number, text = `at ${time}`) =>
  createBlock(
    { embedding: [1, 2, 3], model: 'test:model', input: { type: 'text', content: text }, time },
    await signerOf(1),
  )
