import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createBlock, exportCar } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { newFolder, runCommand as run } from './run-command'

const HOUR = 3_600_000
const VECTOR = { model: 'acme:tiny', embedding: [1, 0, 0, 0, 0, 0, 0, 0] }

test('what is dated ahead ends create, verify and import with exit code 4, and what is invalid beside it with 3', async () => {
  const cwd = newFolder()
  await run(['init', '--yes', '--set', 'storage.kind=memory', '--set', 'embedder.kind=none'], { cwd })
  writeFileSync(path.join(cwd, 'vector.json'), JSON.stringify(VECTOR.embedding))
  const create = ['create', '--vectors', 'vector.json', '--model', 'acme:tiny', '--json', '--time']
  const made = await run([...create, String(Date.now() + HOUR)], { cwd })
  expect([made.code, made.err]).toEqual([4, '1 block is dated ahead\n'])
  expect(JSON.parse(made.out)).toMatchObject([{ reason: 'deferred' }])
  expect((await run([...create, String(Date.now())], { cwd })).code).toBe(0)

  const signer = await Signer.generate()
  const blocks = [
    await createBlock(VECTOR, signer),
    await createBlock({ ...VECTOR, time: Date.now() + HOUR }, signer),
    await createBlock({ ...VECTOR, time: Date.now() + 2 * HOUR }, signer),
  ]
  const chunks: Uint8Array[] = []
  for await (const chunk of exportCar(blocks)) chunks.push(chunk)
  const archive = Buffer.concat(chunks)
  for (const command of ['verify', 'import']) {
    const { code, err } = await run([command, '-'], { cwd, input: archive })
    expect([command, code, err]).toEqual([command, 4, '2 blocks are dated ahead\n'])
  }
  // The signature of the last.
  archive[archive.length - 1]! ^= 1
  for (const command of ['verify', 'import']) {
    const { code } = await run([command, '-'], { cwd, input: archive })
    expect([command, code]).toEqual([command, 3])
  }
})
