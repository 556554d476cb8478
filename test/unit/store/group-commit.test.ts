import { expect, test } from 'vitest'
import { GroupCommit } from '../../../src/store/group-commit'
import type { StoredBlock } from '../../../src/store/index'

const stored = (id: string, bytes = new Uint8Array(1)) => ({ block: { id, bytes }, admitted: true }) as StoredBlock
const ids = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)

test('puts that wait share one write, and each is told of its own blocks', async () => {
  const writes: string[][] = []
  const commits = new GroupCommit(blocks => {
    writes.push(ids(blocks))
    return Promise.resolve(
      blocks.map(({ block }, i) => (ids(blocks).indexOf(block.id) === i && block.id !== 'old' ? 'added' : 'known')),
    )
  })
  const answers = await Promise.all(
    [['a', 'b'], ['b', 'old'], ['c']].map(put => commits.add(put.map(id => stored(id)))),
  )
  expect(answers).toEqual([['added', 'added'], ['known', 'known'], ['added']])
  expect(writes).toEqual([['a', 'b', 'b', 'old', 'c']])
  await commits.add([stored('d')])
  expect(writes.at(-1)).toEqual(['d'])
})

test('a failed write fails every put in it and none after it', async () => {
  let fail = true
  const commits = new GroupCommit(blocks =>
    fail ? Promise.reject(new Error('full')) : Promise.resolve(blocks.map(() => 'added' as const)),
  )
  const failed = [commits.add([stored('a')]), commits.add([stored('b')])]
  await expect(failed[0]).rejects.toThrow('full')
  await expect(failed[1]).rejects.toThrow('full')
  fail = false
  expect(await commits.add([stored('c')])).toEqual(['added'])
  await commits.idle()
})

test('a write stays within its bound, whatever waits', async () => {
  const sizes: number[] = []
  const commits = new GroupCommit(blocks => {
    sizes.push(blocks.length)
    return Promise.resolve([])
  })
  await Promise.all(Array.from({ length: 5_000 }, (_, i) => commits.add([stored(String(i))])))
  expect(Math.max(...sizes)).toBe(1_024)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(5_000)
  await commits.add(Array.from({ length: 2_000 }, (_, i) => stored(`big ${i}`)))
  expect(sizes.at(-1)).toBe(2_000)
})

test('large blocks share a write up to the bytes of a put', async () => {
  const sizes: number[] = []
  const commits = new GroupCommit(blocks => {
    sizes.push(blocks.reduce((sum, { block }) => sum + block.bytes.length, 0))
    return Promise.resolve([])
  })
  const envelope = new Uint8Array(256 * 1024)
  await Promise.all(Array.from({ length: 600 }, (_, i) => commits.add([stored(String(i), envelope)])))
  expect(Math.max(...sizes)).toBe(64 * 1024 * 1024)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(600 * envelope.length)
})
