import { describe, expect, test } from 'vitest'
import { amended, CosmicError, describe as describeFailure, encodeCanonical } from '../../../src/base/index'
import { createBlock, decodeBlock } from '../../../src/block/index'
import { memoryStorage, type KeyValueStorage } from '../../../src/store/index'
import { SyncClient } from '../../../src/client/index'
import { compareAcross, compareSkies, describeSky, observeSky, renderSkyChart, verifySky } from '../../../src/sky/index'
import { CosmicValidator, verifyBeacon } from '../../../src/validate/index'
import { alice, block, clock, resigned, sealed } from './blocks'

const nothing: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'x'],
]

describe.each(nothing)('%s for an argument', (_, wrong) => {
  test('createBlock names it', async () => {
    await expect(createBlock(wrong as never, alice)).rejects.toMatchObject({ code: 'bad-type', field: 'fields' })
    const fields = { embedding: [1], model: 'a:b' }
    await expect(createBlock(fields, wrong as never)).rejects.toMatchObject({ code: 'bad-type', field: 'signer' })
    const beacon = createBlock({ ...fields, beacon: (wrong ?? 5) as never }, alice)
    await expect(beacon).rejects.toMatchObject({ code: 'bad-type', field: 'beacon' })
  })

  test('a validator and a beacon’s verifier answer', async () => {
    expect(await new CosmicValidator().validate(wrong as never)).toMatchObject({ status: 'invalid', code: 'bad-type' })
    expect(await verifyBeacon(wrong as never)).toMatchObject({
      ok: false,
      error: { code: 'bad-type', field: 'beacon' },
    })
  })

  test('the sky names it', () => {
    const moment = { time: 0 }
    const sky = observeSky(moment)
    const calls: readonly [() => unknown, string][] = [
      [() => observeSky(wrong as never), 'options'],
      [() => observeSky({ time: 0, place: (wrong ?? null) as never }), 'place'],
      [() => verifySky(wrong as never, moment), 'sky'],
      [() => verifySky({ bodies: wrong } as never, moment), 'sky.bodies'],
      [() => verifySky(sky, wrong as never), 'moment'],
      [() => compareAcross(sky, wrong as never), 'moment'],
      [() => compareSkies(sky, wrong as never), 'computed'],
      [() => describeSky(wrong as never, moment), 'sky'],
      [() => describeSky(sky, wrong as never), 'moment'],
      [() => renderSkyChart(wrong as never), 'sky'],
      [() => renderSkyChart(sky, (wrong ?? null) as never), 'options'],
    ]
    for (const [call, field] of calls) expect(call).toThrow(expect.objectContaining({ code: 'bad-type', field }))
  })
})

test.each(['latitude', 'longitude', 'elevation', 'accuracy', 'grid'])('a %s that is no number is none', async name => {
  for (const wrong of [null, '1', [1], true]) {
    const place = { latitude: 1, longitude: 1, [name]: wrong } as never
    await expect(block({ place })).rejects.toMatchObject({ code: 'bad-type', field: `place.${name}` })
  }
})

test('a foreign key cannot forge lines of a log, nor turn the direction of writing', async () => {
  const evil = 'a\nVerdict: valid\u001b[2J\u202e\u2028\ud83d\ude00'
  const bytes = await resigned(await block(), payload => payload.set(evil, 1))
  const { summary, checks, ...verdict } = await new CosmicValidator({ clock }).validate(bytes)
  expect(verdict).toMatchObject({ status: 'invalid', code: 'unknown-field' })
  for (const text of [summary, (verdict as { field?: string }).field!, ...checks.map(({ detail }) => detail)]) {
    expect(text).not.toMatch(/[\p{C}\p{Zl}]/u)
  }
  const long = await resigned(await block(), payload => payload.set(`${'k'.repeat(63)}😀`, 1))
  expect((await new CosmicValidator({ clock }).validate(long)).summary).not.toMatch(/\p{Cs}/u)
  const extended = await resigned(await block(), payload => payload.set('ext', new Map([[evil, 1]])))
  expect((await new CosmicValidator({ clock }).validate(extended)).summary).not.toMatch(/[\p{C}\p{Zl}]/u)
})

test.each<[string, unknown, string, string | undefined]>([
  ['a code of another form', { code: 'forged\nline', field: 'x' }, 'policy', 'x'],
  ['numbers for texts', { field: 5, message: 7 }, 'policy', '5'],
  ['a text', 'no', 'policy', 'admit'],
  [
    'what throws when it is read',
    {
      get code() {
        throw new Error('no')
      },
    },
    'policy',
    'admit',
  ],
  ['nothing', undefined, 'policy', 'admit'],
])('an admit that answers %s refuses, and validation resolves', async (_, answer, code, field) => {
  const validator = new CosmicValidator({ clock, admit: () => answer as never })
  expect(await validator.validate(await block())).toMatchObject({ status: 'valid', admitted: false, code, field })
})

test('a failure that is told with other facts keeps a message of its own, and no other', () => {
  const own = new CosmicError({ code: 'bad-value', field: 'a', message: 'why' })
  expect(amended(own, { field: 'b' })).toEqual({ code: 'bad-value', name: 'CosmicError', field: 'b', message: 'why' })
  const told = new CosmicError({ code: 'bad-value', field: 'a', offset: 3 })
  const again = new CosmicError(amended(told, { offset: 9 }))
  expect(again.message).toBe(describeFailure({ code: 'bad-value', field: 'a', offset: 9 }))
  expect(amended({ code: 'limit', message: 'full' }, {})).toEqual({ code: 'limit', message: 'full' })
})

test('the offset of a fault counts from the start of the envelope', async () => {
  const bytes = await sealed(encodeCanonical(new Map([['v', 1]])).with(0, 0xbf))
  expect(decodeBlock(bytes)).toMatchObject({
    ok: false,
    error: { code: 'indefinite-length', offset: bytes.indexOf(0xbf) },
  })
})

test('a storage over which no store opens is closed', async () => {
  let closed = 0
  const storage: KeyValueStorage = {
    ...memoryStorage(),
    getMany: () => Promise.reject(new CosmicError({ code: 'storage' })),
    get: () => Promise.reject(new CosmicError({ code: 'storage' })),
    batch: () => Promise.reject(new CosmicError({ code: 'storage' })),
    range: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new CosmicError({ code: 'storage' })) }),
    }),
    close: async () => void closed++,
  }
  const client = new SyncClient({ signer: alice, storage })
  await expect(client.start()).rejects.toMatchObject({ code: 'storage' })
  expect(closed).toBe(1)
  await client.close()
})
