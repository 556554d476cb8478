import { expect, test } from 'vitest'
import { GroupCommit } from '../../../src/store/group-commit'
import type { PutBlock, PutOutcome, StoredBlock } from '../../../src/store/index'

const stored = (id: string, bytes = new Uint8Array(1)) => ({ block: { id, bytes }, admitted: true }) as StoredBlock
type Write = (blocks: readonly PutBlock[]) => Promise<readonly PutOutcome[]>

/** One write after the other, as a store has them. */
function commitsTo(write: Write) {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (body: () => Promise<unknown>) => (last = last.then(body))
  return { commits: new GroupCommit(inTurn, write), inTurn }
}
const ids = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)

test('puts that wait share one write, and each is told of its own blocks', async () => {
  const writes: string[][] = []
  const { commits } = commitsTo(blocks => {
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
  const { commits } = commitsTo(blocks =>
    fail ? Promise.reject(new Error('full')) : Promise.resolve(blocks.map(() => 'added' as const)),
  )
  const failed = [commits.add([stored('a')]), commits.add([stored('b')])]
  await expect(failed[0]).rejects.toThrow('full')
  await expect(failed[1]).rejects.toThrow('full')
  fail = false
  expect(await commits.add([stored('c')])).toEqual(['added'])
})

test('a write that is asked for between two puts comes between them', async () => {
  const done: string[] = []
  const { commits, inTurn } = commitsTo(blocks => {
    done.push(ids(blocks).join())
    return Promise.resolve([])
  })
  const puts = [commits.add([stored('a')]), commits.add([stored('b')])]
  commits.end()
  const other = inTurn(async () => void done.push('other'))
  puts.push(commits.add([stored('c')]), commits.add([stored('d')]))
  await Promise.all([...puts, other])
  expect(done).toEqual(['a,b', 'other', 'c,d'])
})

test('a write stays within its bound, whatever waits', async () => {
  const sizes: number[] = []
  const { commits } = commitsTo(blocks => {
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
  const { commits } = commitsTo(blocks => {
    sizes.push(blocks.reduce((sum, { block }) => sum + block.bytes.length, 0))
    return Promise.resolve([])
  })
  const envelope = new Uint8Array(256 * 1024)
  await Promise.all(Array.from({ length: 600 }, (_, i) => commits.add([stored(String(i), envelope)])))
  expect(Math.max(...sizes)).toBe(64 * 1024 * 1024)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(600 * envelope.length)
})

test('a put whose bytes are transferred before its write is refused alone', async () => {
  const lost = new Uint8Array(8)
  const writes: string[][] = []
  const { commits } = commitsTo(blocks => {
    for (const { block } of blocks) new Uint8Array(8).set(block.bytes)
    writes.push(ids(blocks))
    return Promise.resolve(blocks.map(() => 'added' as const))
  })
  const answers = Promise.allSettled([
    commits.add([stored('a')]),
    commits.add([stored('b'), stored('c', lost)]),
    commits.add([stored('d')]),
  ])
  structuredClone(lost, { transfer: [lost.buffer] })
  expect(await answers).toMatchObject([
    { value: ['added'] },
    { reason: { code: 'bad-value', field: 'blocks.block.bytes' } },
    { value: ['added'] },
  ])
  expect(writes).toEqual([['a', 'd']])
})
