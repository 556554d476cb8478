import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { root } from '../tools/run.mjs'

const { project } = inject('installed')

test("the example for Node's own runner passes over the installed package", () => {
  const folder = path.join(project, 'simulate')
  mkdirSync(folder, { recursive: true })
  const name = 'adapter.node.test.mjs'
  cpSync(path.join(root, 'examples/simulate', name), path.join(folder, name))
  const printed = execFileSync(process.execPath, ['--test', path.join(folder, name)], { cwd: folder, encoding: 'utf8' })
  expect(printed).toMatch(/fail 0/)
  expect(printed).toMatch(/pass 3/)
})
