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
  expect((await runCommand(['sim', '--scenario', 'nonsense'], { cwd })).code).toBe(1)
  expect((await runCommand(['sim', '--seeds', '0'], { cwd })).code).toBe(2)
  writeFileSync(path.join(cwd, 'broken.json'), '{')
  expect((await runCommand(['sim', '--plan', 'broken.json'], { cwd })).code).toBe(2)
})
