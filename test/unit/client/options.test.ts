import { afterAll, expect, test } from 'vitest'
import { memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock } from '../../../src/block/index'
import { type BlockFilter, SyncClient } from '../../../src/client/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { signerOf } from '../../tools/stored-block'
import { startAgent } from './agents'

const signer = await signerOf(1)
const client = new SyncClient({ signer, transports: [memoryTransport({ name: 'options' })] })
await client.start()
afterAll(() => client.close())
const block = await createBlock({ embedding: [1, 0], model: 'test:two', tags: ['a'] }, signer)
await client.publish(block)
const source = await openBlockStore(memoryStorage())
const archive = await collect(client.export())

/** Calls with options that plain JavaScript, or a slip, may hand over, and the field that each refusal names. */
const calls: [string, (options: never) => unknown, [options: unknown, code: string, field: string, hint?: string][]][] =
  [
    ['get', options => client.get(block.id, options), [[{ admited: false }, 'unknown-field', 'admited', 'admitted']]],
    [
      'history',
      options => client.history(block.id, options),
      [
        [{ limitt: 1 }, 'unknown-field', 'limitt', 'limit'],
        [{ limit: 1.5 }, 'bad-type', 'limit', 'whole number'],
        [{ limit: 0 }, 'out-of-range', 'limit'],
        [{ signal: 'now' }, 'bad-type', 'signal'],
      ],
    ],
    [
      'retract',
      options => client.retract(block.id, options),
      [[{ unhold: true }, 'unknown-field', 'unhold', 'unheld']],
    ],
    [
      'search',
      options => client.search([1, 0], options),
      [
        [{ model: 'test:two', filter: { tags: ['a'] } }, 'unknown-field', 'filter'],
        [{ model: 'test:two', tags: ['a'] }, 'unknown-field', 'tags'],
        [{ model: 'test:two', filters: {} }, 'unknown-field', 'filters'],
        [{ model: 'test:two', where: { tagz: ['a'] } }, 'unknown-field', 'where.tagz', 'tags'],
        [{ model: 'test:two', where: { near: {} } }, 'missing-field', 'where.near.latitude'],
        [{ model: 'test:two', versions: 'newest' }, 'bad-value', 'versions', 'current, all'],
        [{ model: 'test:two', k: '5' }, 'bad-type', 'k'],
        [{ model: 'test:two', signal: {} }, 'bad-type', 'signal'],
      ],
    ],
    [
      'export',
      options => collect(client.export(options)),
      [
        [{ where: { tagz: ['a'] } }, 'unknown-field', 'where.tagz', 'tags'],
        [{ where: null }, 'bad-type', 'where'],
        [{ where: { tags: 'x' } }, 'bad-type', 'where.tags'],
        [{ filter: { tags: ['a'] } }, 'unknown-field', 'filter'],
        [{ offset: 1 }, 'unknown-field', 'offset'],
        [{ after: 'x' }, 'bad-type', 'after', 'an object'],
        [{ onProgress: 1 }, 'bad-type', 'onProgress'],
      ],
    ],
    [
      'import',
      options => client.import(archive, options),
      [
        [{ ofset: 1 }, 'unknown-field', 'ofset', 'offset'],
        [{ offset: 1.5 }, 'bad-type', 'offset'],
        [{ onProgress: true }, 'bad-type', 'onProgress'],
      ],
    ],
    [
      'copyFrom',
      options => client.copyFrom(source, options),
      [
        [{ aftr: 1 }, 'unknown-field', 'aftr', 'after'],
        [{ after: 5 }, 'bad-type', 'after', 'an object'],
        [{ after: { epoch: 'a', seq: 1 } }, 'missing-field', 'after.chain'],
      ],
    ],
    [
      'subscribe',
      async options => client.subscribe({}, options),
      [
        [{ from: 'start' }, 'unknown-field', 'from'],
        [{ after: 5 }, 'bad-type', 'after'],
      ],
    ],
    [
      'connect',
      options => client.connect('memory://b', options),
      [
        [{ per: signer.did }, 'unknown-field', 'per', 'peer'],
        [{ peer: 'b' }, 'bad-did', 'peer'],
        [{ signal: 1 }, 'bad-type', 'signal'],
      ],
    ],
    [
      'waitForSync',
      options => client.waitForSync(options),
      [
        [{ peer: signer.did }, 'unknown-field', 'peer', 'peers'],
        [{ peers: signer.did }, 'bad-type', 'peers'],
      ],
    ],
    [
      'fitTranslator',
      options => client.fitTranslator(options),
      [
        [{ from: 'a:b' }, 'missing-field', 'to'],
        [{ from: 'a:b', to: 'c:d', author: [] }, 'unknown-field', 'author', 'authors'],
      ],
    ],
  ]

test.each(calls)('%s refuses options that it does not know, by name', async (_, call, cases) => {
  for (const [options, code, field, hint = code] of cases) {
    await expect(call(options as never), field).rejects.toMatchObject({ code, field })
    await expect(call(options as never), field).rejects.toThrow(hint)
  }
  for (const wrong of [null, 5, 'all', []]) {
    await expect(call(wrong as never)).rejects.toMatchObject({ code: 'bad-type', field: 'options' })
  }
})

test('a filter that is misspelt does not let every block through', () => {
  const subscribe = (filter: unknown) => () => client.subscribe(filter as BlockFilter)
  expect(subscribe({ tagz: ['a'] })).toThrow(
    expect.objectContaining({ code: 'unknown-field', field: 'filter.tagz', hint: 'did you mean tags?' }),
  )
  expect(subscribe(null)).toThrow(expect.objectContaining({ code: 'bad-type', field: 'filter' }))
  expect(subscribe({ kind: 5 })).toThrow(expect.objectContaining({ code: 'bad-type', field: 'filter.kind' }))
})

test('an event that never comes is not listened to', () => {
  const on = (event: unknown, listener: unknown) => () => client.on(event as 'block', listener as () => void)
  expect(on('blocks', () => 0)).toThrow(expect.objectContaining({ field: 'event', hint: 'did you mean block?' }))
  expect(on(Symbol('block'), () => 0)).toThrow(expect.objectContaining({ code: 'bad-value', field: 'event' }))
  expect(on('block', undefined)).toThrow(expect.objectContaining({ code: 'bad-type', field: 'listener' }))
})

test('what is no archive, store, address or peer is refused as that', async () => {
  for (const wrong of [null, undefined, 5, {}, 'text']) {
    await expect(client.import(wrong as never)).rejects.toMatchObject({ code: 'bad-type', field: 'source' })
    await expect(client.copyFrom(wrong as never)).rejects.toMatchObject({ code: 'bad-type', field: 'source' })
  }
  await expect(client.connect(5 as never)).rejects.toMatchObject({ code: 'bad-type', field: 'address' })
  await expect(client.disconnect({} as never)).rejects.toMatchObject({ code: 'bad-type', field: 'peer' })
})

test('options of the client itself: what is misspelt is refused when it is made, or when it starts', async () => {
  const construct = (options: object) => () => new SyncClient({ signer, ...options })
  const refusal = (field: string, hint: string) => expect.objectContaining({ code: 'unknown-field', field, hint })
  expect(construct({ transport: [] })).toThrow(refusal('transport', 'did you mean transports?'))
  expect(construct({ timing: { heartbeet: 5 } })).toThrow(refusal('timing.heartbeet', 'did you mean heartbeat?'))
  expect(construct({ ports: { now: () => 5 } })).toThrow(expect.objectContaining({ field: 'ports.now' }))
  const start = (search: object) => startAgent({ search })
  await expect(start({ clusterFrom: 5 })).rejects.toMatchObject(
    refusal('search.clusterFrom', 'did you mean clustersFrom?'),
  )
  await expect(start({ vectors: 'disk' })).rejects.toMatchObject({ code: 'bad-value', field: 'search.vectors' })
  await expect(start({ predicates: { a: 5 } })).rejects.toMatchObject({ field: 'search.predicates.a' })
})
