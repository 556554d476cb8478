import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { decodeBlock, importCar } from '../../../src/block/index'
import { answerOf, newFolder, runCommand, type Given } from './run-command'

const MODEL = 'acme:tiny'
const cwd = newFolder()
let did = ''
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (args: readonly string[], given: Given = {}) => runCommand(args, { cwd, ...given })
const json = (args: readonly string[], given: Given = {}) => answerOf(args, { cwd, ...given })

beforeAll(async () => {
  const made = await json(['init', '--yes', '--set', `model=${MODEL}`, '--set', 'embedder.kind=none'])
  did = made.did
  expect(made.phrase.split(' ')).toHaveLength(24)
})

test('init makes settings and an identity that only the owner may read, and no second one', async () => {
  expect(JSON.parse(readFileSync(path.join(cwd, 'cosmic.config.json'), 'utf8'))).toEqual({
    model: MODEL,
    embedder: { kind: 'none' },
  })
  expect(statSync(path.join(cwd, 'cosmic-data/identity')).mode & 0o777).toBe(0o600)
  expect(await json(['id'])).toEqual({ did })
  const again = await run(['init', '--yes'])
  expect([again.code, again.out]).toEqual([1, ''])
  expect(again.err).toContain('identity')
})

test('init restores an identity from its phrase, and shows it to nobody', async () => {
  const folder = newFolder()
  const made = JSON.parse((await runCommand(['init', '--yes', '--json'], { cwd: folder })).out)
  const other = newFolder()
  const restored = await runCommand(['init', '--restore'], { cwd: other, input: `${made.phrase}\n` })
  expect([restored.code, restored.err]).toEqual([0, ''])
  expect(restored.out).toContain(made.did)
  expect(restored.out).not.toContain(made.phrase)
  expect((await runCommand(['init', '--restore'], { cwd: newFolder(), input: 'no phrase' })).code).toBe(1)
})

test('init asks where somebody answers, and writes down what was said', async () => {
  const folder = newFolder()
  const answers = ['ws://127.0.0.1:9', 'lab', '48.2082, 16.3738', '']
  const { code } = await runCommand(['init', '--no-phrase'], { cwd: folder, answers })
  expect(code).toBe(0)
  expect(JSON.parse(readFileSync(path.join(folder, 'cosmic.config.json'), 'utf8'))).toEqual({
    webrtc: { signaling: 'ws://127.0.0.1:9', room: 'lab' },
    place: { latitude: 48.2082, longitude: 16.3738, grid: 0.1 },
  })
})

test('an identity under a passphrase opens with it alone', async () => {
  const folder = newFolder()
  const env = { COSMIC_IDENTITY_PASSPHRASE: 'correct horse' }
  const made = JSON.parse((await runCommand(['init', '--yes', '--json'], { cwd: folder, env })).out)
  expect(readFileSync(path.join(folder, 'cosmic.config.json'), 'utf8')).not.toContain('correct horse')
  expect(JSON.parse((await runCommand(['id', '--json'], { cwd: folder, env })).out)).toEqual({ did: made.did })
  const wrong = await runCommand(['id'], { cwd: folder, env: { COSMIC_IDENTITY_PASSPHRASE: 'wrong' } })
  expect(wrong.code).toBe(1)
  expect((await runCommand(['id'], { cwd: folder })).code).toBe(1)
})

test('without an identity the command that makes one is named', async () => {
  const { code, err } = await runCommand(['id'], { cwd: newFolder() })
  expect(code).toBe(1)
  expect(err).toContain('npx cosmic-embeddings init')
})

/** One row a vector, as NumPy writes it. */
function npy(rows: readonly (readonly number[])[], type = '<f4', order = 'False'): Uint8Array {
  const shape = `(${rows.length}, ${rows[0]!.length})`
  const head = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }`
  const header = head.padEnd(118 - 1) + '\n'
  const numbers = Float32Array.from(rows.flat())
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8])
  return Buffer.concat([start, Buffer.from(header), Buffer.from(numbers.buffer)])
}

test('vectors become blocks, from JSON and from NumPy, and are found again', async () => {
  writeFileSync(path.join(cwd, 'one.json'), '[1, 0, 0, 0, 0, 0, 0, 0]')
  writeFileSync(
    path.join(cwd, 'two.npy'),
    npy([
      [0, 1, 0, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0, 0, 0],
    ]),
  )
  const [first] = await json([
    'create',
    '--vectors',
    'one.json',
    '--tag',
    'a',
    '--tag',
    'b',
    '--time',
    '2026-01-01T00:00Z',
  ])
  expect(first.time).toBe(Date.UTC(2026, 0, 1))
  const rows = await json(['create', '--vectors', 'two.npy', '--tag', 'a'])
  expect(rows).toHaveLength(2)
  const hits = await json(['search', '--vector', '-', '--k', '1'], { input: '[0, 0.1, 1, 0, 0, 0, 0, 0]' })
  expect(hits).toMatchObject([{ id: rows[1].id, author: did, admitted: true }])
  expect(await json(['search', '--like', first.id, '--tag', 'b'])).toEqual([])
  expect(await json(['search', '--like', first.id, '--tag', 'a'])).toHaveLength(2)
  const lines = (await run(['search', '--vector', 'one.json', '--jsonl'])).out.trim().split('\n')
  expect(lines.map(line => JSON.parse(line).id)[0]).toBe(first.id)
})

test('what is no vector is refused, and nothing is stored', async () => {
  const before = (await json(['stats'])).blocks
  const good = npy([[1, 2, 3, 4, 5, 6, 7, 8]])
  const wrong = [
    '',
    '{}',
    '[]',
    '["x"]',
    '[[1],["x"]]',
    '[1,',
    good.subarray(0, 20),
    good.subarray(0, -1),
    npy([[1]], '<i4'),
    npy([[1]], '<f4', 'True'),
    npy([[1]], '>f4'),
  ]
  for (const input of wrong) {
    const { code, err } = await run(
      ['create', '--vectors', '-'].map(each => each),
      { input },
    )
    expect([input, code]).toEqual([input, 1])
    expect(err).toMatch(/^error: /)
  }
  expect((await run(['create', '--vectors', '-', '--set', 'model=no model'], { input: '[1,2]' })).code).toBe(1)
  expect((await json(['stats'])).blocks).toBe(before)
})

test('text without a model names the command that installs one', async () => {
  for (const args of [
    ['create', 'hello'],
    ['search', 'hello'],
  ]) {
    const { code, err } = await run(args)
    expect(code).toBe(1)
    expect(err).toContain('npm install @energetic-ai/embeddings')
  }
})

test('inspect, history, related, retract and stats tell of a block', async () => {
  const [old] = await json(['create', '--vectors', '-'], { input: '[1,1,1,1,0,0,0,0]' })
  const [current] = await json(['create', '--vectors', '-', '--supersedes', old.id], { input: '[1,1,1,1,1,0,0,0]' })
  expect(await json(['inspect', current.id])).toMatchObject({ id: current.id, author: did, supersedes: [old.id] })
  expect((await run(['history', old.id])).out).toContain(`* ${current.id}`)
  expect((await json(['related', old.id])).length).toBeGreaterThanOrEqual(0)
  const { id } = await json(['retract', old.id])
  expect(await json(['related', old.id])).toContainEqual({ about: id, kind: 'retraction' })
  expect((await run(['inspect', old.id])).code).toBe(1)
  const stats = await json(['stats'])
  expect(stats.by.author).toMatchObject([{ term: did, blocks: stats.blocks }])
})

test('an archive goes out and in again, and is judged', async () => {
  const { file } = await json(['export', 'memory.car'])
  const other = newFolder()
  await runCommand(['init', '--yes'], { cwd: other })
  const blocks = (await json(['stats'])).blocks
  const report = JSON.parse((await runCommand(['import', file, '--json'], { cwd: other })).out)
  expect(report).toMatchObject({ stored: blocks, refused: 0 })
  expect(await json(['verify', 'memory.car'])).toHaveLength(blocks)
  const bytes = readFileSync(file)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path.join(cwd, 'broken.car'), bytes)
  const broken = await run(['verify', 'broken.car', '--json'])
  expect(broken.code).toBe(3)
  expect(JSON.parse(broken.out).at(-1)).toMatchObject({ status: 'invalid' })
  const partly = await runCommand(['import', path.join(cwd, 'broken.car'), '--json'], { cwd: other })
  // The section that was altered, and the block that lacks it.
  expect([partly.code, JSON.parse(partly.out).refused]).toEqual([3, 2])
  expect((await run(['verify', 'absent.car'])).code).toBe(1)
  expect((await run(['import', cwd])).err).toContain('is not a file')
})

test('one envelope in a file is judged and inspected', async () => {
  const read = []
  for await (const each of importCar([readFileSync(path.join(cwd, 'memory.car'))])) read.push(unwrap(each))
  writeFileSync(path.join(cwd, 'one.cbor'), read[0]!)
  const { id } = unwrap(decodeBlock(read[0]!))
  expect(await json(['verify', 'one.cbor'])).toMatchObject([{ id, status: 'valid' }])
  expect(await json(['inspect', 'one.cbor'])).toMatchObject({ id })
})

test('check finds nothing in a sound store, and repair leaves it so', async () => {
  expect(await json(['check'])).toEqual([])
  expect(await json(['repair'])).toEqual([])
})

test('config shows each value with where it came from', async () => {
  const shown = await json(['config', 'show', '--set', 'network=lab'], { env: { COSMIC_POLICY: 'strict' } })
  const origins = Object.fromEntries(shown.map(({ path, origin }: { path: string; origin: string }) => [path, origin]))
  expect(origins).toMatchObject({
    network: 'flag',
    policy: 'environment',
    model: 'cosmic.config.json',
    folder: 'default',
  })
  expect(JSON.parse((await run(['config', 'schema'])).out).properties.network).toMatchObject({ default: 'cosmic' })
  const { out } = await run(['config', 'schema', '--jsonl'])
  expect(
    out
      .trimEnd()
      .split('\n')
      .map(line => typeof JSON.parse(line)),
  ).toEqual(['object'])
})

test('wrong settings and options are explained by name', async () => {
  const wrong: [string[], number, string][] = [
    [['id', '--set', 'netwrok=x'], 1, 'did you mean network?'],
    [['id', '--set', 'network'], 2, 'setting=value'],
    [['sky', '--place', 'here'], 2, '48.2082,16.3738'],
    [['sky', '--at', 'yesterday'], 2, 'milliseconds'],
    [['search', 'x', '--k', '0'], 2, '1 … 10000'],
    [['create'], 2, 'one of them'],
    [['sync'], 2, 'an address'],
  ]
  for (const [args, code, hint] of wrong) {
    const answer = await run(args)
    expect([args, answer.code]).toEqual([args, code])
    expect(answer.err).toContain(hint)
  }
})

test('sky is a table, JSON or a chart', async () => {
  const args = ['sky', '--at', '2026-01-01T00:00Z', '--place', '48.2082,16.3738']
  expect((await json(args)).bodies[0]).toMatchObject({ name: 'sun', altitude: -222_994 })
  expect((await run(args)).out).toMatch(/sun +-61\.9428°/)
  expect((await run([...args, '--svg'])).out).toMatch(/^<svg/)
})
