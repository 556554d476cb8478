import { expect, test } from 'vitest'
import { encodeCanonical, type CborMap } from '../../../src/base/index'
import { sealEnvelope, toBeSigned } from '../../../src/block/envelope'
import { createBlock, KNOWN_KINDS } from '../../../src/block/index'
import { Intake } from '../../../src/client/intake'
import { sessionHost, sessionIdentity } from '../../../src/client/session-host'
import { clock, timers } from '../../../src/platform/node'
import { Ingest } from '../../../src/ingest/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { CosmicValidator } from '../../../src/validate/index'
import { damage, recordKeyOf } from '../../tools/store-keys'

async function host(storage = memoryStorage()) {
  const store = await openBlockStore(storage)
  const funnel = new Ingest({ validator: new CosmicValidator(), store, clock })
  const refused: string[] = []
  const intake = new Intake(funnel, { clock, timers }, () => {})
  return {
    refused,
    ...sessionHost(store, intake, { now: Date.now }, (_, id, verdict) => refused.push(`${id} ${verdict.status}`)),
  }
}

test('tells stored from duplicate, and of an invalid block its kind and code', async () => {
  const { ingest, load, refused } = await host()
  const signer = await Signer.generate()
  const block = await createBlock({ embedding: [1, 0], model: 'test:two' }, signer)
  const head: CborMap = new Map<string, never>([
    ['v', 1],
    ['kind', 'embedding'],
    ['time', block.time],
    ['author', signer.publicKey],
  ] as never)
  const payload = encodeCanonical(head)
  const fieldless = sealEnvelope(payload, await signer.sign(toBeSigned(payload)))
  const { id, bytes } = block
  expect(await ingest([{ id, bytes }], 'peer')).toEqual([{ id, status: 'stored' }])
  expect(
    await ingest(
      [
        { id, bytes },
        { id: 'x', bytes: fieldless },
      ],
      'peer',
    ),
  ).toEqual([
    { id, status: 'duplicate' },
    { id: 'x', status: 'invalid', code: 'missing-field', kind: { version: 1, kind: 'embedding' } },
  ])
  expect(refused).toEqual(['x invalid'])
  expect(await load([id, 'absent'])).toEqual([{ id, bytes }, { id: 'absent' }])
})

test('a damaged record is not held: it keeps no other from being loaded, and is stored when it comes again', async () => {
  const storage = memoryStorage()
  const { ingest, load } = await host(storage)
  const signer = await Signer.generate()
  const [a, b] = [
    await createBlock({ embedding: [1, 0], model: 'test:two' }, signer),
    await createBlock({ embedding: [0, 1], model: 'test:two' }, signer),
  ]
  const offer = [a, b].map(({ id, bytes }) => ({ id, bytes }))
  await ingest(offer, 'peer')
  await damage(storage, await recordKeyOf(storage, a.id), record => record.slice(0, -1))
  expect(await load([a.id, b.id])).toEqual([{ id: a.id }, offer[1]])
  expect(await ingest(offer, 'peer')).toEqual([
    { id: a.id, status: 'stored' },
    { id: b.id, status: 'duplicate' },
  ])
  expect(await load([a.id, b.id])).toEqual(offer)
})

test('what finds no room to wait is told so', async () => {
  const { ingest } = await host()
  const signer = await Signer.generate()
  const { id, bytes } = await createBlock(
    { embedding: [1, 0], model: 'test:two', time: clock.now() + 3_600_000 },
    signer,
  )
  expect(await ingest([{ id, bytes }], 'peer')).toEqual([
    { id, status: 'deferred', code: 'limit', wait: expect.any(Number) },
  ])
})

test('every kind that blocks have is declared, and ids are read from the bytes', async () => {
  const block = await createBlock({ embedding: [1, 0], model: 'test:two' }, await Signer.generate())
  expect(sessionIdentity.kinds.map(({ kind }) => kind)).toEqual(KNOWN_KINDS)
  expect(sessionIdentity.identify(block.bytes)).toEqual({ ok: true, value: block.id })
  expect(sessionIdentity.identify(new Uint8Array(3)).ok).toBe(false)
})
