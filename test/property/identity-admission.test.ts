import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlock, type VerifiedBlock } from '../../src/block/index'
import { IdentityBook } from '../../src/client/identity-book'
import { regradingOf } from '../../src/client/regrading'
import { Ingest } from '../../src/ingest/index'
import { memoryStorage, openBlockStore, type KeyValueStorage } from '../../src/store/index'
import { CosmicValidator, Identities, type Policy } from '../../src/validate/index'
import {
  first,
  phone,
  profile,
  recovery,
  rotation,
  second,
  thief,
  to,
  type Fact,
} from '../unit/validate/identity-scenes'

const everyone = [first, second, phone, thief]
const facts: Fact[] = await Promise.all([
  profile(first, { recovery: to(recovery), devices: [phone.did] }, 1_000),
  profile(first, { recovery: to(recovery) }, 2_000),
  profile(first, { recovery: to(thief), devices: [thief.did] }, 3_000),
  profile(first, { encryption: [new Uint8Array(32)] }, 500),
  profile(phone, { identity: first.did }, 1_000),
  profile(second, { identity: first.did, devices: [phone.did] }, 1_000),
  profile(second, { recovery: to(thief), devices: [phone.did, first.did] }, 1_500),
  profile(thief, { identity: first.did }, 100),
  rotation(recovery, { from: first.did, to: second.did }, 5_000),
  rotation(recovery, { from: first.did, to: second.did }, 4_000),
  rotation(recovery, { from: first.did }, 4_500),
  rotation(recovery, { from: second.did, to: phone.did }, 6_000),
  rotation(recovery, { from: first.did, to: second.did, next: to(thief) }, 4_800),
  rotation(thief, { from: first.did, to: second.did }, 100),
  rotation(thief, { from: second.did }, 100),
])
const embeddings = await Promise.all(
  everyone.flatMap(signer =>
    [900, 4_200, 9_000].map(time => createBlock({ embedding: [1, 2], model: 'test:two', time }, signer)),
  ),
)
const policies: Policy[] = [
  {},
  { authors: { allow: [first.did] } },
  { authors: { deny: [first.did] } },
  { endedKeys: 'never' },
]

/** Timers whose callbacks come with the next turn of the event loop. */
const timers = {
  set(callback: () => void) {
    const pending = setImmediate(callback)
    return () => clearImmediate(pending)
  },
}
const turn = () => new Promise(resolve => setImmediate(resolve))

/** One run of an agent over a storage, with so many turns after each batch. Then it stops, whatever is left, unless told to finish. */
async function run(
  storage: KeyValueStorage,
  policy: Policy,
  envelopes: readonly Uint8Array[],
  { turns, finish }: { turns: number; finish: boolean },
) {
  const store = await openBlockStore(storage)
  const validator = new CosmicValidator(policy)
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const book = new IdentityBook(store, { onError })
  await book.open()
  const { identities } = book
  const ingest = new Ingest({
    store,
    clock: { now: () => Date.now() },
    validator: {
      validate: input => validator.validate(input, { identities }),
      regrade: (block, context) => validator.regrade(block, { identities, ...context }),
    },
  })
  const regrading = (await regradingOf(validator, book, { ingest, store, timers, onError }))!
  regrading.open()
  for (const envelope of envelopes) {
    await ingest.ingest([envelope])
    for (let i = 0; i < turns; i++) await turn()
  }
  while (finish && regrading.busy) await turn()
  const stored = []
  for await (const { block, admitted, code } of store.query({ admittedOnly: false }))
    stored.push(judgement(block, admitted, code))
  await regrading.close()
  book.close()
  expect(errors).toEqual([])
  return stored
}

async function expected(blocks: readonly { bytes: Uint8Array }[], policy: Policy) {
  const identities = new Identities()
  const validator = new CosmicValidator(policy)
  const verdicts = await Promise.all(blocks.map(({ bytes }) => validator.validate(bytes)))
  const verified = verdicts.map(verdict => (verdict as { block: VerifiedBlock }).block)
  for (const block of verified) identities.note(block)
  const judged = await Promise.all(verified.map(block => validator.regrade(block, { identities, stored: true })))
  return judged.flatMap(verdict =>
    verdict.status === 'valid'
      ? [judgement(verdict.block, verdict.admitted, verdict.admitted ? undefined : verdict.code)]
      : [],
  )
}

/** Why a rotation has no effect may hang on what came first; that it has none does not. */
function judgement({ id, kind }: VerifiedBlock, admitted: boolean, code: string | undefined) {
  return { id, kind, admitted, ...(kind !== 'rotation' && { code }) }
}

/** A storage that outlives the stores over it. */
const keptOpen = (storage: KeyValueStorage): KeyValueStorage => ({
  get: (...args) => storage.get(...args),
  getMany: (...args) => storage.getMany(...args),
  batch: (...args) => storage.batch(...args),
  range: (...args) => storage.range(...args),
  close: async () => {},
})

const byId = <T extends { id: string }>(list: readonly T[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1))

test('whatever comes in whatever order, and wherever an agent stops: in the end each block is judged by all that is known', async () => {
  const told = fc
    .tuple(fc.subarray(facts, { minLength: 1 }), fc.subarray(embeddings, { minLength: 3 }))
    .chain(([some, blocks]) => fc.shuffledSubarray([...some, ...blocks], { minLength: some.length + blocks.length }))
  await fc.assert(
    fc.asyncProperty(
      told,
      fc.constantFrom(...policies),
      fc.nat(3),
      fc.nat(20),
      async (blocks, policy, turns, stopAfter) => {
        const storage = keptOpen(memoryStorage())
        const envelopes = blocks.map(({ bytes }) => bytes)
        await run(storage, policy, envelopes.slice(0, stopAfter), { turns, finish: false })
        const stored = await run(storage, policy, envelopes.slice(stopAfter), { turns, finish: true })
        expect(byId(stored)).toEqual(byId(await expected(blocks, policy)))
      },
    ),
    { numRuns: 200 },
  )
})
