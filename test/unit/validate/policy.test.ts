import { describe, expect, test } from 'vitest'
import type { VerifiedBlock } from '../../../src/block/index'
import { DEFAULT_MAX_SKEW, preparePolicy, type Policy } from '../../../src/validate/policy'
import type { Grades } from '../../../src/validate/verdict'

const block = {
  id: 'bafyreib',
  version: 1,
  kind: 'embedding',
  author: 'did:key:alice',
  time: 1_000,
  bytes: new Uint8Array(),
  embedding: { model: 'acme:embed-1', dims: 1, type: 'f32', data: new Uint8Array(4) },
  input: { type: 'text', hash: new Uint8Array(32) },
} as unknown as VerifiedBlock
const translator = { ...block, kind: 'translator', embedding: undefined } as unknown as VerifiedBlock
const consistent: Grades = { consistent: { profile: 'ce-sky-1', tolerance: 1, worst: 0.5, residuals: {} } }

const judge = (policy: Policy, grades: Grades = {}, of = block) => preparePolicy(policy).judge(of, grades)

test('an empty policy admits, with ten minutes of skew', async () => {
  expect(await judge({})).toBeUndefined()
  expect(preparePolicy({}).maxSkew).toBe(DEFAULT_MAX_SKEW)
  expect(DEFAULT_MAX_SKEW).toBe(600_000)
})

describe('each rule admits, and refuses with its field', () => {
  test.each<[string, Policy, Policy, string]>([
    ['allow', { authors: { allow: ['did:key:alice'] } }, { authors: { allow: ['did:key:bob'] } }, 'author'],
    ['allow nobody', {}, { authors: { allow: [] } }, 'author'],
    ['deny', { authors: { deny: ['did:key:bob'] } }, { authors: { deny: ['did:key:alice'] } }, 'author'],
    ['kinds', { kinds: ['embedding'] }, { kinds: ['translator'] }, 'kind'],
    ['models', { models: ['acme:embed-1'] }, { models: ['acme:embed-2'] }, 'embedding.model'],
  ])('%s', async (_, admitting, refusing, field) => {
    expect(await judge(admitting)).toBeUndefined()
    expect(await judge(refusing)).toEqual({ field })
  })

  test('deny wins over allow', async () => {
    expect(await judge({ authors: { allow: [block.author], deny: [block.author] } })).toEqual({ field: 'author' })
  })

  test('requireSky asks for a verified sky, not for a claimed one', async () => {
    expect(await judge({ requireSky: true })).toEqual({ field: 'sky' })
    expect(await judge({ requireSky: true }, consistent)).toBeUndefined()
    expect(await judge({ requireSky: false })).toBeUndefined()
  })

  test('models concern embeddings only', async () => {
    expect(await judge({ models: [] }, {}, translator)).toBeUndefined()
  })
})

describe('the admit function', () => {
  test('true admits, at once or later', async () => {
    expect(await judge({ admit: () => true })).toBeUndefined()
    expect(await judge({ admit: async () => true })).toBeUndefined()
  })

  test('a refusal is passed on', async () => {
    const refusal = { code: 'limit', field: 'tags', message: 'too many' } as const
    expect(await judge({ admit: () => refusal })).toEqual(refusal)
    expect(await judge({ admit: async () => refusal })).toEqual(refusal)
  })

  test.each<[string, unknown]>([
    ['false', false],
    ['nothing', undefined],
    ['null', null],
    ['a truthy text', 'yes'],
  ])('%s does not admit', async (_, answer) => {
    expect(await judge({ admit: () => answer as boolean })).toEqual({ field: 'admit' })
  })

  test.each<[string, NonNullable<Policy['admit']>, string]>([
    [
      'throws',
      () => {
        throw new Error('no database')
      },
      'no database',
    ],
    [
      'rejects',
      async () => {
        throw new Error('no network')
      },
      'no network',
    ],
    [
      'throws what is no error',
      () => {
        throw Object.create(null)
      },
      'object',
    ],
  ])('%s: not admitted, with the reason', async (_, admit, reason) => {
    expect(await judge({ admit })).toEqual({ field: 'admit', message: expect.stringContaining(reason) })
  })

  test('is asked last, with the grades', async () => {
    const asked: unknown[] = []
    const admit: Policy['admit'] = (...args) => (asked.push(args), true)
    await judge({ kinds: [], admit })
    expect(asked).toEqual([])
    await judge({ admit }, consistent)
    expect(asked).toEqual([[block, consistent]])
  })
})

test('later changes to the caller’s arrays have no effect', async () => {
  const deny = ['did:key:alice']
  const prepared = preparePolicy({ authors: { deny } })
  deny.pop()
  expect(await prepared.judge(block, {})).toEqual({ field: 'author' })
})

test.each([-1, NaN, Infinity])('a skew of %s is impossible', maxSkew => {
  expect(() => preparePolicy({ maxSkew })).toThrow(expect.objectContaining({ code: 'out-of-range', field: 'maxSkew' }))
})
