import { describe, expect, test } from 'vitest'
import { POLICIES } from '../../../src/validate/policies'
import type { Policy } from '../../../src/validate/policy'
import { MAX_NAMES, MAX_REGIONS, MAX_RULES, readPolicy } from '../../../src/validate/read-policy'
import { alice, bob } from './blocks'

describe('a policy is plain data', () => {
  const whole: Policy = {
    maxSkew: 1,
    authors: { allow: [alice.did], deny: [bob.did] },
    models: ['acme:embed-1'],
    kinds: ['embedding'],
    regions: {
      home: {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    },
    require: { place: true },
    rules: [
      {
        name: 'all of it',
        when: { tags: ['a'], authors: [alice.did], kinds: ['embedding'], region: 'home' },
        require: {
          consistent: true,
          within: 'home',
          notBefore: { maxGap: 1 },
          notAfter: { of: [alice.did, bob.did], atLeast: 2, maxGap: 1 },
        },
        maxSkew: 2,
      },
    ],
  }

  test.each(Object.entries({ whole, ...POLICIES }))('%s: its JSON is the same policy', (_, policy: Policy) => {
    const copy = JSON.parse(JSON.stringify(policy)) as Policy
    expect(copy).toEqual(policy)
    expect(readPolicy(copy)).toEqual(readPolicy(policy))
  })

  test('presets can be spread and changed', () => {
    const data = readPolicy({ ...POLICIES.strict, maxSkew: 5 })
    expect(data).toMatchObject({ maxSkew: 5, rules: [{ name: 'strict' }] })
  })

  const wrong: [unknown, string, string][] = [
    [7, 'bad-type', 'policy'],
    [null, 'bad-type', 'policy'],
    [{ maxSkew: '1' }, 'bad-type', 'maxSkew'],
    [{ maxSkew: -1 }, 'out-of-range', 'maxSkew'],
    [{ maxSkew: NaN }, 'out-of-range', 'maxSkew'],
    [{ maxSkew: Infinity }, 'out-of-range', 'maxSkew'],
    [{ maxskew: 1 }, 'unknown-field', 'maxskew'],
    [{ requireSky: true }, 'unknown-field', 'requireSky'],
    [{ clock: {} }, 'bad-type', 'clock'],
    [{ admit: 'all' }, 'bad-type', 'admit'],
    [{ authors: [alice.did] }, 'bad-type', 'authors'],
    [{ authors: { allow: 'me' } }, 'bad-type', 'authors.allow'],
    [{ authors: { deny: ['did:web:me'] } }, 'bad-did', 'authors.deny[0]'],
    [{ kinds: [7] }, 'bad-type', 'kinds[0]'],
    [{ models: {} }, 'bad-type', 'models'],
    [{ rules: {} }, 'bad-type', 'rules'],
    [{ rules: [{ whem: {} }] }, 'unknown-field', 'rules[0].whem'],
    [{ rules: [{}, { when: { tag: 'a' } }] }, 'unknown-field', 'rules[1].when.tag'],
    [{ rules: [{ when: { region: 'home' } }] }, 'bad-value', 'rules[0].when.region'],
    [{ rules: [{ when: { region: 'toString' } }] }, 'bad-value', 'rules[0].when.region'],
    [{ rules: [{ maxSkew: -1 }] }, 'out-of-range', 'rules[0].maxSkew'],
    [{ require: { within: {} } }, 'bad-type', 'require.within.type'],
    [{ require: { consistent: 'yes' } }, 'bad-type', 'require.consistent'],
    [{ require: { notBefore: {} } }, 'missing-field', 'require.notBefore.maxGap'],
    [{ require: { proven: {} } }, 'missing-field', 'proofs'],
    [{ require: { proven: { maxGap: -1 } }, proofs: [] }, 'out-of-range', 'require.proven.maxGap'],
    [{ proofs: [{ format: 'x' }] }, 'bad-type', 'proofs[0]'],
    [{ proofs: Array.from({ length: 17 }, () => ({ format: 'x', verify() {} })) }, 'limit', 'proofs'],
    [{ require: { notAfter: { of: [alice.did] } } }, 'missing-field', 'require.notAfter.atLeast'],
    [{ require: { notAfter: { of: [alice.did], atLeast: 2 } } }, 'out-of-range', 'require.notAfter.atLeast'],
    [{ require: { notAfter: { of: [alice.did], atLeast: 0 } } }, 'out-of-range', 'require.notAfter.atLeast'],
    [{ require: { notAfter: { of: [alice.did], atLeast: 0.5 } } }, 'bad-type', 'require.notAfter.atLeast'],
    [{ require: { notAfter: { of: [alice.did, alice.did], atLeast: 1 } } }, 'bad-value', 'require.notAfter.of'],
    [{ regions: { home: { type: 'Polygon', coordinates: [] } } }, 'bad-type', 'regions.home.coordinates'],
    [{ rules: Array.from({ length: MAX_RULES + 1 }, () => ({})) }, 'limit', 'rules'],
    [{ kinds: Array.from({ length: MAX_NAMES + 1 }, () => 'a') }, 'limit', 'kinds'],
    [
      { regions: Object.fromEntries(Array.from({ length: MAX_REGIONS + 1 }, (_, i) => [i, whole.regions!['home']])) },
      'limit',
      'regions',
    ],
  ]
  test.each(wrong.map(([policy, code, field]) => ({ policy, code, field })))(
    '$code $field',
    ({ policy, code, field }) => {
      expect(() => readPolicy(policy as Policy)).toThrow(expect.objectContaining({ code, field }))
    },
  )

  test.each([
    ['maxskew', 'maxSkew'],
    ['author', 'authors'],
    ['rule', 'rules'],
    ['requires', 'require'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(() => readPolicy({ [name]: 1 })).toThrow(expect.objectContaining({ hint: `did you mean ${meant}?` }))
  })

  test('what resembles no name is told all of them', () => {
    expect(() => readPolicy({ zzz: 1 } as Policy)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('authors, models') }),
    )
  })
})
