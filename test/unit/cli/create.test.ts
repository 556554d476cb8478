import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf, newFolder, runCommand } from './run-command'

const cwd = newFolder()
beforeAll(() => runCommand(['init', '--yes'], { cwd }))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const COUNT = 600
const rowOf = (i: number) => [Math.cos(i / 500), Math.sin(i / 500), 0, 0, 0, 0, 0, 0]

test('many vectors are stored together, and each is told in its turn', async () => {
  writeFileSync(join(cwd, 'rows.json'), JSON.stringify(Array.from({ length: COUNT }, (_, i) => rowOf(i))))
  const made: { id: string }[] = await answerOf(['create', '--vectors', 'rows.json', '--model', 'rows:1'], { cwd })
  expect(new Set(made.map(({ id }) => id)).size).toBe(COUNT)
  expect(await answerOf(['stats'], { cwd })).toMatchObject({ blocks: COUNT })
  for (const i of [0, 255, 256, COUNT - 1]) {
    writeFileSync(join(cwd, 'row.json'), JSON.stringify(rowOf(i)))
    const hits = await answerOf(['search', '--vector', 'row.json', '--model', 'rows:1', '--k', '1'], { cwd })
    expect(hits).toMatchObject([{ id: made[i]!.id }])
  }
})
