import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planOf, runPlan } from '../../src/simulator/index'
import { BUN_PATH, DENO_PATH } from '../tools/other-runtimes.mjs'
import { bundle } from './bundle'
import { DIGESTED } from './simulator-plans'

const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-simulator-'))
const expected: string[] = []

beforeAll(async () => {
  for (const platform of ['node', 'browser'] as const)
    writeFileSync(path.join(folder, `${platform}.mjs`), await bundle('simulator-process.ts', platform, 'esm'))
  for (const [scenario, seed] of DIGESTED) expected.push((await runPlan(planOf(scenario, seed))).digest)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true }))

const deno = ['run', '--allow-env', '--allow-read']

test.each([
  ['Node', 'node', process.execPath, []],
  ['Node, on what browsers offer: signatures by promise', 'browser', process.execPath, []],
  ['Deno', 'node', DENO_PATH, deno],
  ['Deno, on what browsers offer', 'browser', DENO_PATH, deno],
  ['Bun', 'node', BUN_PATH, ['run']],
] as const)(
  'a run replays exactly in %s',
  (_, platform, file, args) => {
    if (!existsSync(file)) return console.warn(`*** SKIPPED: no ${file} ***`)
    const script = path.join(folder, `${platform}.mjs`)
    const { stdout, stderr } = spawnSync(file, [...args, script], { cwd: folder, encoding: 'utf8' })
    expect([JSON.parse(stdout || '[]'), stderr]).toEqual([expected, ''])
  },
  240_000,
)
