import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRecording } from '../../src/simulator/index'
import { root } from '../tools/run.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-sim-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What stands behind `npm run sim --`. */
function sim(...args: readonly string[]) {
  const script = ['--import', 'tsx', 'test/sim/main.ts', ...args]
  const env = { ...process.env, TSX_TSCONFIG_PATH: '.config/tsconfig.run.json' }
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: root, env, encoding: 'utf8' })
  return { status, stdout, told: stderr.trim() }
}

test('npm run sim tells wrong usage in one line, and records one run to a file', () => {
  const file = path.join(folder, 'run.jsonl')
  const usage = (told: string) => ({ status: 2, stdout: '', told })
  expect(sim('--seeds', '0')).toEqual(usage('out-of-range, field seeds, a whole number from 1'))
  expect(sim('--record', file)).toEqual(usage('bad-value, field record, one run at a time: --seeds 1, or --plan'))
  const alone = usage('bad-value, field command line, --plan goes without --signatures')
  expect(sim('--plan', file, '--signatures', 'real')).toEqual(alone)
  const late = usage('out-of-range, field seeds, the last seed is above 9007199254740991')
  expect(sim('--from', '9007199254740991', '--seeds', '2')).toEqual(late)
  expect(sim('--sedes', '1').told).toMatch(/^bad-value, field command line, Unknown option '--sedes'/)
  expect(sim('--seeds', '1', '--from', '3', '--signatures', 'stand-in', '--record', file).status).toBe(0)
  if (existsSync('/dev/full'))
    expect(sim('--seeds', '1', '--record', '/dev/full')).toEqual(
      usage('storage, field record, /dev/full cannot be written'),
    )
  expect(readRecording(readFileSync(file, 'utf8')).plan).toMatchObject({ scenario: 'rush-hour', seed: 3 })
})
