import { execFileSync, spawn } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { spoilRecord } from '../../tools/store-keys'
import { newFolder, runCommand } from './run-command'

const cwd = newFolder()
const run = (...args: string[]) => runCommand(args, { cwd })
const at = (name: string) => path.join(cwd, name)
const read = (name: string) => readFileSync(at(name))
let whole: Buffer
beforeAll(async () => {
  await run('init', '--yes', '--set', 'embedder.kind=none', '--set', 'model=acme:tiny')
  writeFileSync(at('vectors.json'), '[[1,2,3,4,5,6,7,8]]')
  await run('create', '--vectors', 'vectors.json')
  await run('export', 'whole.car')
  whole = read('whole.car')
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test.skipIf(process.platform === 'win32')(
  'export writes into a pipe that has a name, and leaves it there',
  async () => {
    execFileSync('mkfifo', [at('pipe')])
    const reader = spawn('cat', [at('pipe')])
    const [{ code, err }, bytes] = await Promise.all([run('export', 'pipe'), buffer(reader.stdout)])
    expect([code, err, bytes.equals(whole)]).toEqual([0, '', true])
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true)
  },
)

test('export follows links, and touches no other file', async () => {
  mkdirSync(at('far'))
  writeFileSync(at('far/old.car'), 'old')
  symlinkSync('far/old.car', at('link'))
  symlinkSync('far/new.car', at('dangling'))
  symlinkSync('dangling', at('twice'))
  symlinkSync('circle', at('circle'))
  for (const name of ['link.part', 'far/old.car.part', 'far/new.car.part']) writeFileSync(at(name), 'mine')
  for (const [name, file] of [
    ['link', 'far/old.car'],
    ['twice', 'far/new.car'],
  ] as const) {
    expect((await run('export', name)).code).toBe(0)
    expect([lstatSync(at(name)).isSymbolicLink(), read(file).equals(whole)]).toEqual([true, true])
  }
  for (const name of ['link.part', 'far/old.car.part', 'far/new.car.part']) expect(read(name).toString()).toBe('mine')
  for (const name of ['circle', 'far', 'no/such/folder.car']) expect((await run('export', name)).code).toBe(1)
  expect(readdirSync(at('far')).sort()).toEqual(['new.car', 'new.car.part', 'old.car', 'old.car.part'])
  expect(readdirSync(cwd).filter(name => name.endsWith('.part'))).toEqual(['link.part'])
})

test('export tells how many blocks are missing, and writes the others', async () => {
  const damaged = newFolder()
  const there = (...args: string[]) => runCommand(args, { cwd: damaged })
  try {
    await there('init', '--yes', '--set', 'embedder.kind=none', '--set', 'model=acme:tiny')
    writeFileSync(path.join(damaged, 'vectors.json'), '[[1,2,3,4],[5,6,7,8]]')
    await there('create', '--vectors', 'vectors.json')
    const files = readdirSync(damaged, { recursive: true, encoding: 'utf8' })
    const file = files.find(name => path.basename(name) === 'data.mdb')!
    const storage = await lmdbStorage(path.join(damaged, path.dirname(file)))
    const store = await openBlockStore(storage)
    const [{ id }] = (await collect(store.log())) as [{ id: string }, unknown]
    await spoilRecord(storage, id)
    await store.close()
    const { code, out, err } = await there('export', 'rest.car', '--json')
    expect([code, (JSON.parse(out) as { missing: number }).missing]).toEqual([3, 1])
    expect(err).toContain('missing 1: damaged')
    expect(err).toContain('blocks are lost')
    expect((await there('repair')).code).toBe(0)
    const checked = await there('check', '--json')
    expect([checked.code, JSON.parse(checked.out)]).toEqual([3, [{ lost: id }]])
    const doctor = await there('doctor', '--offline', '--only', 'store', '--json')
    expect(JSON.parse(doctor.out)).toContainEqual(
      expect.objectContaining({ check: 'store', status: 'warning', message: expect.stringContaining('1 lost') }),
    )
    expect(JSON.parse((await run('import', path.join(damaged, 'rest.car'), '--json')).out)).toMatchObject({ stored: 1 })
  } finally {
    rmSync(damaged, { recursive: true, force: true })
  }
})

test('what is stopped before it is done never ends as if it were, and leaves no archive', async () => {
  for (const args of [
    ['export', 'stopped.car'],
    ['import', 'whole.car'],
    ['verify', 'whole.car'],
    ['create', '--vectors', 'vectors.json'],
    ['search', '--vector', 'vectors.json'],
    ['check'],
    ['repair'],
    ['doctor', '--offline', '--only', 'disk'],
    ['sim', '--seeds', '1'],
    ['sync', 'ws://127.0.0.1:9'],
  ]) {
    const { code, out } = await runCommand([...args, '--json'], { cwd, onStart: stop => stop() })
    expect([args, code, out]).toEqual([args, 130, ''])
  }
  expect(readdirSync(cwd).filter(name => name.startsWith('stopped'))).toEqual([])
})
