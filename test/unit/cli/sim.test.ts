import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { planOf, SCENARIOS } from '../../../src/simulator/index'
import { answerOf, newFolder, runCommand } from './run-command'

const cwd = newFolder()
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('sim runs what its seeds make of a scenario, and the same each time', async () => {
  const args = ['sim', '--seeds', '1', '--from', '7', '--scenario', 'random']
  const [run] = await answerOf(args, { cwd })
  expect(run).toMatchObject({ scenario: 'random', seed: 7, passed: true, violations: [] })
  writeFileSync(path.join(cwd, 'plan.json'), JSON.stringify(planOf('random', 7)))
  expect((await answerOf(['sim', '--plan', 'plan.json'], { cwd }))[0].digest).toBe(run.digest)
})

test('sim lists its scenarios, and refuses what it does not know', async () => {
  const listed = (await answerOf(['sim', '--list'], { cwd })) as { name: string }[]
  expect(listed.map(({ name }) => name)).toEqual(Object.keys(SCENARIOS))
})

test.each([
  ['--scenario', 'curn', 'bad-value, field --scenario, did you mean churn?'],
  ['--seeds', '0', 'out-of-range, field --seeds'],
  ['--seeds', 'x', 'out-of-range, field --seeds'],
  ['--plan', 'absent.json', 'storage, field --plan'],
  ['--plan', 'broken.json', 'bad-json, field --plan'],
  ['--plan', 'impossible.json', 'bad-value, field --plan links[0].to, the plan has no x'],
])('sim %s %s is wrong usage, told in one line', async (flag, value, told) => {
  writeFileSync(path.join(cwd, 'broken.json'), '{')
  writeFileSync(path.join(cwd, 'impossible.json'), JSON.stringify({ ...planOf('churn', 1), links: [['a', 'x']] }))
  const { code, err } = await runCommand(['sim', flag, value], { cwd })
  expect(code).toBe(2)
  expect(err).toContain(told)
  expect(err.trim().split('\n')).toHaveLength(1)
  // A hint is told once.
  expect(err.split('did you mean').length).toBeLessThanOrEqual(2)
})
