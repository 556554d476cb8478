import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, runCommand } from './run-command'

const cwd = newFolder()
const run = (...args: string[]) => runCommand(args, { cwd })
beforeAll(() => run('init', '--yes', '--set', 'embedder.kind=none', '--set', 'model=acme:tiny'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('what the file system refuses is one line and exit code 1', async () => {
  const nowhere = await run('export', 'no/such/folder/out.car')
  expect([nowhere.code, nowhere.out]).toEqual([1, ''])
  expect(nowhere.err).toMatch(/^error: ENOENT: .*out\.car.*\n$/)
  symlinkSync('loop.car', path.join(cwd, 'loop.car'))
  for (const command of ['import', 'verify', 'inspect']) {
    const { code, err } = await run(command, 'loop.car')
    expect([command, code, err]).toEqual([command, 1, 'error: loop.car cannot be read\n'])
  }
})

test('a file without a block is named', async () => {
  writeFileSync(path.join(cwd, 'note.txt'), 'no block\n')
  const { code, err } = await run('inspect', 'note.txt')
  expect([code, err]).toEqual([1, expect.stringMatching(/^error: note\.txt holds no block: /)])
})

test('a search for nothing is wrong usage', async () => {
  const { code, err } = await run('search')
  expect([code, err]).toEqual([2, expect.stringContaining('--like')])
})

test('a block that is not here is withdrawn when that is meant', async () => {
  const id = `b${'a'.repeat(58)}`
  const refused = await run('retract', id)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('unheld')])
  expect((await run('retract', `b${'afyreia'}${'a'.repeat(51)}`, '--unheld')).code).toBe(0)
})

test('a key that is not encrypted, and one that is, are told from damaged ones', async () => {
  const env = { COSMIC_IDENTITY_PASSPHRASE: 'a passphrase' }
  const open = await runCommand(['id'], { cwd, env })
  expect([open.code, open.err]).toEqual([1, expect.stringContaining('opens without a passphrase')])
  const sealed = path.join(cwd, 'sealed')
  mkdirSync(sealed)
  await runCommand(['init', '--yes'], { cwd: sealed, env })
  const { code, err } = await runCommand(['id'], { cwd: sealed })
  expect([code, err]).toEqual([1, expect.stringContaining('needs its passphrase')])
})

test('doctor sees a file where the store should be', async () => {
  const other = path.join(cwd, 'other')
  mkdirSync(other)
  await runCommand(['init', '--yes'], { cwd: other })
  writeFileSync(path.join(other, 'cosmic-data/store'), 'a file')
  const { code, out } = await runCommand(['doctor', '--offline', '--only', 'store'], { cwd: other })
  expect([code, out]).toEqual([3, expect.stringContaining('is a file')])
})
