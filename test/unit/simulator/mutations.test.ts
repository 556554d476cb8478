import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SCENARIOS } from '../../../src/simulator/index'
import { mutated } from '../../sim/build-mutant'
import { MUTATIONS } from '../../sim/mutations'

test.each(MUTATIONS.map(mutation => [mutation.name, mutation] as const))('"%s" still has its line', (_, mutation) => {
  const source = readFileSync(new URL(`../../../src/${mutation.file}`, import.meta.url), 'utf8')
  expect(mutated(source, mutation)).not.toBe(source)
})

test.each(MUTATIONS.flatMap(({ name, shownBy }) => (shownBy === undefined ? [] : [[name, shownBy]])))(
  '"%s" is shown by a scenario that there is',
  (_, shownBy) => expect(Object.keys(SCENARIOS)).toContain(shownBy),
)

test('there are enough of them', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12)
})
