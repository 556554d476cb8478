import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { root } from '../tools/run.mjs'
import { webSocketSignaling } from '../../src/adapters/transport/webrtc'

const bin = path.join(inject('installed').project, 'node_modules/.bin/cosmic-embeddings')

test('the version is told before any command is loaded', () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  for (const flag of ['--version', '-V']) {
    const { status, stdout } = spawnSync(bin, [flag])
    expect([status, stdout.toString()]).toEqual([0, `${version}\n`])
  }
  const loaded = new Set(['./cli.js'])
  for (const file of loaded) {
    const code = readFileSync(`${root}dist/${file}`, 'utf8')
    for (const [, name] of code.matchAll(/^(?:import|\}).* ?"([^"]+)";$/gm))
      if (name!.startsWith('./')) loaded.add(name!)
    expect([file, code]).toEqual([file, expect.not.stringMatching(/from "(commander|zod|@noble)/)])
  }
  expect(loaded.size).toBeLessThan(5)
})

test('the installed command runs a signaling service until it is interrupted', async () => {
  const command = spawn(bin, ['signal', '--port', '0'])
  let printed = ''
  command.stdout.on('data', chunk => (printed += chunk))
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/ws:\/\/127\.0\.0\.1:\d+/)
  const url = /ws:\/\/[\d.:]+/.exec(printed)![0]
  const room = await webSocketSignaling(url).join('kitchen', { onSignal: () => {} })
  expect(room.peers).toEqual([])
  await room.leave()
  command.kill('SIGINT')
  expect((await once(command, 'close'))[0]).toBe(0)
})

describe('a memory in a folder of its own', () => {
  const cwd = mkdtempSync(path.join(tmpdir(), 'cosmic-command-'))
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))
  /** The build beside the optional packages, of which the empty project has none. */
  const built = `${root}dist/cli.js`
  const run = (args: readonly string[], input: string | Uint8Array = '') =>
    spawnSync(process.execPath, [built, ...args], { cwd, input })

  test('needs the package of its storage, and says how to install it', () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'cosmic-command-'))
    spawnSync(bin, ['init', '--yes'], { cwd: empty })
    const { status, stderr } = spawnSync(bin, ['stats'], { cwd: empty })
    expect([status, stderr.toString()]).toEqual([1, expect.stringContaining('npm install lmdb')])
    const only = ['store', 'model', 'webrtc'].flatMap(check => ['--only', check])
    const asked = ['doctor', '--json', ...only, '--set', 'webrtc.signaling=ws://127.0.0.1:9']
    const doctor = spawnSync(bin, asked, { cwd: empty })
    const fixes = (JSON.parse(doctor.stdout.toString()) as { fix?: string }[]).map(({ fix }) => fix)
    expect([doctor.status, fixes]).toEqual([
      3,
      [
        undefined,
        'npm install lmdb',
        expect.stringContaining('npm install @energetic-ai/embeddings'),
        'npm install @roamhq/wrtc',
      ],
    ])
    rmSync(empty, { recursive: true })
  })

  test('is made, filled, and goes through a pipe byte for byte', () => {
    expect(run(['init', '--yes', '--no-phrase', '--set', 'model=acme:tiny']).status).toBe(0)
    const rows = Array.from({ length: 300 }, (_, row) => Array.from({ length: 8 }, (__, i) => ((row * 7 + i) % 11) + 1))
    const made = run(['create', '--vectors', '-', '--jsonl'], JSON.stringify(rows))
    expect([made.stderr.toString(), made.stdout.toString().trim().split('\n').length]).toEqual(['', 300])
    const archive = run(['export', '-'])
    const verified = run(['verify', '-', '--jsonl'], archive.stdout)
    expect([verified.status, verified.stdout.toString().trim().split('\n').length]).toEqual([0, 300])
  })

  test('is served over HTTP until Ctrl-C', async () => {
    const serving = spawn(
      process.execPath,
      [built, 'serve', '--jsonl', '--set', 'http.port=0', '--set', 'embedder.kind=none'],
      { cwd },
    )
    const [line] = (await once(serving.stdout, 'data')) as [Buffer]
    const { url, id } = JSON.parse(line.toString()) as { url: string; id: string }
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ id, store: { blocks: 300 } })
    const port = ['--set', `http.port=${new URL(url).port}`]
    const doctor = run(['doctor', '--json', '--only', 'store', '--only', 'ports', ...port])
    expect([doctor.status, JSON.parse(doctor.stdout.toString())]).toMatchObject([
      0,
      [{ check: 'settings' }, { check: 'store', status: 'skipped' }, { check: 'ports', status: 'ok' }],
    ])
    serving.kill('SIGINT')
    expect((await once(serving, 'close'))[0]).toBe(0)
  })

  test('ends quietly when whoever reads its output has enough, and paints nothing into a pipe', () => {
    expect(run(['export', 'all.car']).status).toBe(0)
    const first = spawnSync('sh', ['-c', `"${process.execPath}" "${built}" verify all.car | head -n 1`], { cwd })
    expect([first.stderr.toString(), first.stdout.toString().trim().split('\n').length]).toEqual(['', 1])
    expect(run(['doctor', '--offline']).stdout.toString()).not.toContain('\u001b')
  })

  test.skipIf(!existsSync('/dev/full'))('tells in one line when its output cannot be written', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${built}" config show > /dev/full`], {
      cwd,
    })
    expect([status, stderr.toString()]).toEqual([1, expect.stringMatching(/^error: standard output .*ENOSPC.*\n$/)])
  })

  test('Ctrl-C is heard among texts and vectors of which none has to be waited for', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'cosmic-command-'))
    const there = (...args: string[]) => spawnSync(process.execPath, [built, ...args], { cwd: other })
    there('init', '--yes', '--set', 'model=acme:tiny')
    const rows = Array.from({ length: 20_000 }, (_, row) => [row + 1, 2, 3, 4])
    const creating = spawn(process.execPath, [built, 'create', '--vectors', '-', '--jsonl'], { cwd: other })
    let told = ''
    creating.stdout.on('data', chunk => (told += chunk))
    creating.stdin.on('error', () => {}).end(JSON.stringify(rows))
    await once(creating.stdout, 'data')
    creating.kill('SIGINT')
    expect((await once(creating, 'close'))[0]).toBe(130)
    const count = told.trim().split('\n').length
    expect(count).toBeLessThan(rows.length)
    expect(JSON.parse(there('stats', '--json').stdout.toString())).toMatchObject({ blocks: count })
    rmSync(other, { recursive: true })
  })

  test.skipIf(!existsSync('/usr/bin/script'))('Ctrl-C and Ctrl-D at a question of init end it quietly', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'cosmic-command-'))
    for (const key of ['\u0003', '\u0004']) {
      const asking = spawn('/usr/bin/script', ['-qec', `"${process.execPath}" "${built}" init`, '/dev/null'], {
        cwd: other,
      })
      let said = ''
      asking.stdout.on('data', chunk => (said += chunk))
      await expect.poll(() => said, { timeout: 10_000 }).toContain('Signaling service')
      asking.stdin.write(key)
      expect((await once(asking, 'close'))[0]).toBe(130)
      expect(said).toMatch(/stopped before it was done\s*$/)
      expect(said).not.toContain('    at ')
    }
    expect(readdirSync(other)).toEqual([])
    rmSync(other, { recursive: true })
  })

  test('Ctrl-C in the middle of an import keeps what was stored, and the store sound', async () => {
    const archive = run(['export', '-']).stdout
    const other = mkdtempSync(path.join(tmpdir(), 'cosmic-command-'))
    spawnSync(process.execPath, [built, 'init', '--yes'], { cwd: other })
    const importing = spawn(process.execPath, [built, 'import', '-'], { cwd: other })
    importing.stdin.on('error', () => {})
    importing.stdin.write(archive.subarray(0, archive.length - 10_000))
    const file = path.join(other, 'cosmic-data/store')
    await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true)
    let told = ''
    importing.stderr.on('data', chunk => (told += chunk))
    importing.kill('SIGINT')
    expect([(await once(importing, 'close'))[0], told]).toEqual([130, 'stopped before it was done\n'])
    const check = spawnSync(process.execPath, [built, 'check', '--json'], { cwd: other })
    expect([check.status, JSON.parse(check.stdout.toString())]).toEqual([0, []])
    rmSync(other, { recursive: true })
  })
})
