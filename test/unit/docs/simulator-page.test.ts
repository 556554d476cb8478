import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ATTACKS, SCENARIOS } from '../../../src/simulator/index'
import { MUTATIONS } from '../../sim/mutations'

const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8')

test('the page of the simulator tells every scenario, attack and fault, in the words of the code', () => {
  const told: Readonly<Record<string, { readonly story: string }>> = { ...SCENARIOS, ...ATTACKS }
  for (const [name, { story }] of Object.entries(told))
    expect(page.split('\n').find(line => line.startsWith(`| \`${name}\``))).toContain(story)
  for (const { name, file } of MUTATIONS) expect(page).toContain(`- ${name} (\`src/${file}\`)`)
})
