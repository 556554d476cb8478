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

test('the list of docs/simulator.md is that of the mutations', () => {
  const docs = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8')
  const [, section = ''] = docs.split('\n## Faults that it must notice\n')
  const told = section.split('\n## ')[0]!.matchAll(/^- (.+) \(`src\/(.+)`\)$/gm)
  const names = [...told].map(([, name, file]) => `${name} in ${file}`)
  expect(names.sort()).toEqual(MUTATIONS.map(({ name, file }) => `${name} in ${file}`).sort())
})

test('there are enough of them', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12)
})
