import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
  const id = `b${'afyreia'}${'a'.repeat(51)}`
  const refused = await run('retract', id)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('unheld')])
  expect((await run('retract', id, '--unheld')).code).toBe(0)
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

test('of an id that nothing is known of, each command that takes one says so', async () => {
  for (const command of ['related', 'history', 'inspect', 'retract']) {
    const { code, out, err } = await run(command, `b${'afyreib'}${'a'.repeat(51)}`, '--json')
    expect([command, code, out, err]).toEqual([command, 1, '', expect.stringMatching(/^error: .+\n$/)])
  }
})

test('what is no id of a block and no address is wrong usage, told before the store is opened', async () => {
  for (const [field, ...args] of [
    ...['related', 'history', 'retract'].map(command => ['<id>', command, 'nope']),
    ['<id>', 'retract', 'nope', '--unheld'],
    ['--like', 'search', '--like', 'nope'],
    ['--supersedes', 'create', 'a text', '--supersedes', 'nope'],
    ['<address>', 'peers', 'add', 'nope'],
  ] as const) {
    const { code, out, err } = await run(...args, '--json')
    expect([args, code, out, err]).toEqual([args, 2, '', expect.stringContaining(field!)])
  }
})

test('what is signed is what was given: other bytes than UTF-8 are refused, and a time that is none', async () => {
  writeFileSync(path.join(cwd, 'latin1.txt'), Buffer.from([0x67, 0x72, 0xfc, 0x6e]))
  for (const args of [['--file', 'latin1.txt'], ['--file', '-'], ['--lines']]) {
    const input = Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x0a])
    const { code, err } = await runCommand(['create', ...args], { cwd, input })
    expect([args, code, err]).toEqual([args, 1, expect.stringContaining('bad-utf8')])
  }
  for (const time of ['-5', 'May', 'x 1', '2026-13-01']) {
    expect([time, (await run('sky', '--at', time)).code]).toEqual([time, 2])
  }
  for (const time of ['2026-05-01', '2026-05-01T10:00Z', '2026-05-01T10:00:00.5+02:00', '1700000000000']) {
    expect([time, (await run('sky', '--at', time)).code]).toEqual([time, 0])
  }
})

test('vectors are stored all or none, and what was stored before a failure is answered', async () => {
  const stored = async () => (JSON.parse((await run('stats', '--json')).out) as { blocks: number }).blocks
  const before = await stored()
  for (const [name, vectors] of [
    [
      'ragged',
      [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2],
      ],
    ],
    [
      'endless',
      [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1e300, 2, 3, 4, 5, 6, 7, 8],
      ],
    ],
  ] as const) {
    writeFileSync(path.join(cwd, 'vectors.json'), JSON.stringify(vectors))
    expect([name, (await run('create', '--vectors', 'vectors.json', '--json')).code]).toEqual([name, 1])
  }
  expect(await stored()).toBe(before)
  const many = Array.from({ length: 600 }, (_, i) => [i, 2, 3, 4, 5, 6, 7, 8])
  writeFileSync(path.join(cwd, 'vectors.json'), JSON.stringify(many))
  const stop = (text: string, end: () => void) => text !== '' && end()
  const { code, out } = await runCommand(['create', '--vectors', 'vectors.json', '--jsonl'], { cwd, watch: stop })
  const told = out.trim().split('\n').length
  expect(code).toBe(130)
  expect(told).toBeLessThan(600)
  expect(await stored()).toBe(before + told)
})

test('a misspelt author is refused before an archive is written over', async () => {
  await run('export', 'kept.car')
  const before = readFileSync(path.join(cwd, 'kept.car'))
  for (const args of [
    ['export', 'kept.car'],
    ['search', '--vector', 'vectors.json'],
  ]) {
    const { code, err } = await run(...args, '--author', 'did:key:z6Mk')
    expect([args, code, err]).toEqual([args, 2, expect.stringContaining('--author')])
  }
  expect(readFileSync(path.join(cwd, 'kept.car'))).toEqual(before)
})

test('init makes the file that is named, writes no secret down, and keeps nothing half-done', async () => {
  const other = newFolder()
  const secret = 'a token that nobody may read'
  const tokens = `http.tokens=[{"token":"${secret}","scopes":["read"]}]`
  const args = ['init', '--yes', '--config', 'own.json', '--set', 'folder=here', '--set', tokens]
  const made = await runCommand(args, { cwd: other })
  expect([made.code, made.err, made.out]).toEqual([0, '', expect.stringContaining('http.tokens')])
  const written = readFileSync(path.join(other, 'own.json'), 'utf8')
  expect(JSON.parse(written)).toEqual({ folder: path.join(other, 'here') })
  // Settings that cannot be written leave no identity, whose phrase nobody saw.
  const lost = await runCommand(['init', '--yes', '--config', 'no/such/own.json', '--set', 'folder=there'], {
    cwd: other,
  })
  expect([lost.code, lost.out]).toEqual([1, ''])
  expect(existsSync(path.join(other, 'there/identity'))).toBe(false)
  expect((await runCommand(['id', '--config', 'missing.json'], { cwd: other })).err).toContain('there is no file')
})

test('names and passwords in addresses are not shown', async () => {
  const set = ['--set', 'webrtc.signaling=wss://me:hush@example.net', '--set', 'peers=["ws://me:hush@example.net"]']
  for (const form of [[], ['--json'], ['--jsonl']]) {
    const { code, out } = await run('config', 'show', ...set, ...form)
    expect([code, out]).toEqual([0, expect.stringContaining('example.net')])
    expect(out).not.toContain('hush')
  }
})

test('rules that cannot be are a fault of the settings, by their place, and doctor shows no password', async () => {
  for (const [given, at] of [
    ['policy=opn', 'did you mean open?'],
    ['policy={"maxSkw":1}', 'policy.maxSkw'],
    ['retention={"maxAge":"x"}', 'retention.maxAge'],
  ] as const) {
    const { code, err } = await run('config', 'show', '--set', given)
    expect([given, code, err]).toEqual([given, 1, expect.stringContaining(at)])
  }
  const service = [
    'embedder.kind=ollama',
    'embedder.url=http://me:hush@127.0.0.1:9',
    'embedder.model=m',
    'embedder.dimensions=8',
  ]
  const { code, out } = await run('doctor', '--only', 'model', ...service.flatMap(each => ['--set', each]))
  expect([code, out]).toEqual([3, expect.stringContaining('127.0.0.1:9')])
  expect(out).not.toContain('hush')
})

test('config alone shows the settings', async () => {
  const shown = await run('config', '--json')
  expect(shown).toEqual(await run('config', 'show', '--json'))
  expect(JSON.parse(shown.out)).toContainEqual(expect.objectContaining({ path: 'http.port', value: 8080 }))
  expect(await run('config', 'shwo')).toMatchObject({ code: 2, out: '' })
})

test('an answer to init that cannot be leaves nothing behind', async () => {
  const other = newFolder()
  for (const [field, ...answers] of [
    ['webrtc.signaling', 'nope', '', ''],
    ['place.latitude', '', '99, 1', ''],
  ] as const) {
    const { code, out, err } = await runCommand(['init'], { cwd: other, answers })
    expect([field, code, out, err]).toEqual([field, 1, '', expect.stringContaining(field)])
  }
  expect(readdirSync(other)).toEqual([])
})
