import { describe, expect, test } from 'vitest'
import type { VerifiedBlock } from '../../../src/block/index'
import { Checklist } from '../../../src/validate/checklist'
import { allOf } from '../../../src/validate/evidence-source'
import { judge as judgeBy, rulesFor } from '../../../src/validate/judge'
import { DEFAULT_MAX_SKEW, type Policy, type Requirement, type Rule } from '../../../src/validate/policy'
import { readPolicy } from '../../../src/validate/read-policy'
import type { Grades } from '../../../src/validate/verdict'
import { alice, bob } from './blocks'

const block = {
  id: 'bafyreib',
  version: 1,
  kind: 'embedding',
  author: alice.did,
  time: 1_000,
  bytes: new Uint8Array(),
  embedding: { model: 'acme:embed-1', dims: 1, type: 'f32', data: new Uint8Array(4) },
  input: { type: 'text', hash: new Uint8Array(32) },
} as unknown as VerifiedBlock
const translator = { ...block, kind: 'translator', embedding: undefined } as unknown as VerifiedBlock
const consistent: Grades = { consistent: { profile: 'ce-sky-1', tolerance: 1, worst: 0.5, residuals: {} } }

const judge = async (policy: Policy, grades: Grades = {}, of = block) => {
  const data = readPolicy(policy)
  const { maxSkew, beacons, proofs } = data
  const known = { identity: { keys: [], devices: [], claims: [] }, stored: false }
  const context = { checks: new Checklist(), evidence: allOf(), ...known, maxSkew, beacons, proofs, explain: false }
  return (await judgeBy(data, await rulesFor(data, of), of, grades, context)).refusal
}

test('an empty policy admits, with ten minutes of skew', async () => {
  expect(await judge({})).toBeUndefined()
  expect(readPolicy({}).maxSkew).toBe(DEFAULT_MAX_SKEW)
  expect(DEFAULT_MAX_SKEW).toBe(600_000)
})

describe('each rule admits, and refuses with its field', () => {
  test.each<[string, Policy, Policy, string]>([
    ['allow', { authors: { allow: [alice.did] } }, { authors: { allow: [bob.did] } }, 'author'],
    ['allow nobody', {}, { authors: { allow: [] } }, 'author'],
    ['deny', { authors: { deny: [bob.did] } }, { authors: { deny: [alice.did] } }, 'author'],
    ['kinds', { kinds: ['embedding'] }, { kinds: ['translator'] }, 'kind'],
    ['models', { models: ['acme:embed-1'] }, { models: ['acme:embed-2'] }, 'embedding.model'],
  ])('%s', async (_, admitting, refusing, field) => {
    expect(await judge(admitting)).toBeUndefined()
    expect(await judge(refusing)).toEqual({ code: 'policy', field })
  })

  test('deny wins over allow', async () => {
    expect(await judge({ authors: { allow: [block.author], deny: [block.author] } })).toEqual({
      code: 'policy',
      field: 'author',
    })
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

  test('false and an empty refusal do not admit', async () => {
    const refusal = { code: 'policy', field: 'admit' }
    expect(await judge({ admit: () => false })).toEqual(refusal)
    expect(await judge({ admit: async () => ({}) })).toEqual(refusal)
  })

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'yes'],
    ['a number', 1],
    ['a function', () => true],
  ])('%s does not admit, and is told to be no answer', async (words, answer) => {
    const message = `the policy’s admit function answered ${words}, neither a boolean nor a refusal`
    const refusal = { code: 'policy', field: 'admit', message, isFaulty: true }
    expect(await judge({ admit: () => answer as boolean })).toEqual(refusal)
    const ofRule = message.replace('function', 'function of rule strict')
    const rules = [{ name: 'strict', admit: () => answer as boolean }]
    expect(await judge({ rules })).toEqual({ ...refusal, message: ofRule })
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
    const message = expect.stringContaining(reason)
    expect(await judge({ admit })).toEqual({ code: 'policy', field: 'admit', message, isFaulty: true })
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
  const deny = [alice.did]
  const data = readPolicy({ authors: { deny } })
  deny.pop()
  expect(data.authors).toEqual({ deny: [alice.did] })
})

describe('what a rule requires', () => {
  const square = {
    type: 'Polygon',
    coordinates: [
      [
        [10, 40],
        [20, 40],
        [20, 50],
        [10, 50],
        [10, 40],
      ],
    ],
  } as const
  const there = {
    ...block,
    tags: ['sensor', 'roof'],
    place: { latitude: 45, longitude: 15 },
  } as unknown as VerifiedBlock
  const elsewhere = { ...there, place: { latitude: 0, longitude: 0 } } as unknown as VerifiedBlock
  const nowhere = { ...there, place: undefined } as unknown as VerifiedBlock
  const opaque = { ...nowhere, opaque: true, kind: 'weather' } as unknown as VerifiedBlock
  const required = (require: Requirement, of: VerifiedBlock, grades: Grades = {}) => judge({ require }, grades, of)

  test('consistent: a verified sky, not a claimed one', async () => {
    expect(await required({ consistent: true }, there)).toMatchObject({ code: 'missing-evidence', field: 'sky' })
    expect(await required({ consistent: true }, there, consistent)).toBeUndefined()
    expect(await required({ consistent: false }, there)).toBeUndefined()
  })

  test('place and within', async () => {
    expect(await required({ place: true }, nowhere)).toMatchObject({ code: 'missing-evidence', field: 'place' })
    expect(await required({ place: true }, elsewhere)).toBeUndefined()
    expect(await required({ within: square }, nowhere)).toMatchObject({ code: 'missing-evidence', field: 'place' })
    expect(await required({ within: square }, elsewhere)).toMatchObject({ code: 'policy', field: 'place' })
    expect(await required({ within: square }, there)).toBeUndefined()
  })

  const conditions: [string, Rule['when'], VerifiedBlock[]][] = [
    ['every block', undefined, [there, elsewhere, nowhere, opaque]],
    ['every block of an empty condition', {}, [there, elsewhere, nowhere, opaque]],
    ['all of its tags', { tags: ['roof', 'sensor'] }, [there, elsewhere, nowhere]],
    ['none without all tags', { tags: ['sensor', 'cellar'] }, []],
    ['one of its authors', { authors: [bob.did, alice.did] }, [there, elsewhere, nowhere, opaque]],
    ['no other author', { authors: [bob.did] }, []],
    ['one of its kinds', { kinds: ['sealed', 'weather'] }, [opaque]],
    ['places in its region', { region: square }, [there]],
    ['places in a region by its name', { region: 'square' }, [there]],
    ['all conditions together', { region: square, kinds: ['translator'] }, []],
  ]
  test.each(conditions)('a rule is for %s', async (_, when, met) => {
    const refuse: Rule = { ...(when && { when }), admit: () => false }
    for (const each of [there, elsewhere, nowhere, opaque]) {
      const refusal = await judge({ regions: { square }, rules: [refuse] }, {}, each)
      expect(refusal !== undefined, JSON.stringify(each)).toBe(met.includes(each))
    }
  })

  test('every rule that is met counts, and the refusal names the one that was not', async () => {
    const rules: Rule[] = [
      { when: { tags: ['sensor'] }, require: { consistent: true } },
      { name: 'roofs', when: { tags: ['roof'] }, require: { within: square } },
      { name: 'cellars', when: { tags: ['cellar'] }, require: { notBefore: { maxGap: 1 } } },
    ]
    expect(await judge({ rules }, consistent, there)).toBeUndefined()
    expect(await judge({ rules }, {}, there)).toMatchObject({ field: 'sky' })
    const refusal = await judge({ rules }, consistent, elsewhere)
    expect(refusal).toMatchObject({ field: 'place', message: expect.stringContaining('roofs') })
  })

  test('its function is asked after what it requires was shown, and before the policy’s own', async () => {
    const asked: string[] = []
    const ask = (name: string, answer: boolean) => () => (asked.push(name), answer)
    const policy = (answer: boolean): Policy => ({
      rules: [{ require: { consistent: true }, admit: ask('rule', answer) }],
      admit: ask('policy', true),
    })
    await judge(policy(true), {}, there)
    expect(asked).toEqual([])
    expect(await judge(policy(true), consistent, there)).toBeUndefined()
    expect(asked).toEqual(['rule', 'policy'])
    expect(await judge(policy(false), consistent, there)).toMatchObject({ code: 'policy', field: 'admit' })
    expect(asked).toEqual(['rule', 'policy', 'rule'])
  })
})
