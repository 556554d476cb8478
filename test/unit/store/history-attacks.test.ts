import { beforeAll, describe, expect, test } from 'vitest'
import { Cid, CosmicError } from '../../../src/base/index'
import { loadHistory, supersededAmong, type PageQuery, type StoredBlock } from '../../../src/store/index'
import { MAX_VERSIONS } from '../../../src/store/versions/history-walk'
import { MAX_SUCCESSORS_READ } from '../../../src/store/versions/superseded'

const { readHistory } = await loadHistory()
const AUTHOR = 'did:key:a'

/** Block `n` of a graph that no one could sign: reading counts, not signatures. */
function nodeId(n: number): string {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, n)
  return Cid.fromDigest(digest).toString()
}

/** What a history asks of a store, over a graph of `size` blocks; it counts what was read. */
class Graph {
  reads = 0
  readonly #blocks = new Map<string, StoredBlock>()
  readonly #naming = new Map<string, StoredBlock[]>()

  constructor(size: number, supersedes: (n: number) => readonly number[], admitted = true) {
    for (let n = 0; n < size; n++) {
      const names = supersedes(n).map(nodeId)
      const block = { id: nodeId(n), kind: 'embedding', author: AUTHOR, time: n, supersedes: names }
      const stored = { block, admitted } as unknown as StoredBlock
      this.#blocks.set(block.id, stored)
      for (const name of names) {
        const naming = this.#naming.get(name)
        if (naming) naming.push(stored)
        else this.#naming.set(name, [stored])
      }
    }
  }

  getMany = (ids: readonly string[]) => {
    this.reads += ids.length
    return Promise.resolve(ids.map(id => this.#blocks.get(id)))
  }

  page = ({ supersedes = '', limit = 100, cursor = '0' }: PageQuery) => {
    const all = this.#naming.get(supersedes) ?? []
    const items = all.slice(Number(cursor), Number(cursor) + limit)
    this.reads += items.length
    const next = Number(cursor) + limit
    return Promise.resolve({ items, ...(next < all.length && { cursor: `${next}` }) })
  }

  pageIds = async (query: PageQuery) => {
    const { items } = await this.page(query)
    return { items: items.map(({ block }) => block.id) }
  }
}

describe('a chain of 100,000 versions', () => {
  let chain: Graph
  beforeAll(() => {
    chain = new Graph(100_000, n => (n === 0 ? [] : [n - 1]))
  })

  test.each([0, 50_000, 99_999])('is read from version %i as far as the limit allows, and says so', async n => {
    chain.reads = 0
    const history = (await readHistory(chain, nodeId(n)))!
    expect([history.versions.length, history.complete]).toEqual([MAX_VERSIONS, false])
    expect(chain.reads).toBeLessThanOrEqual(3 * MAX_VERSIONS)
    expect(history.heads.map(({ id }) => id)).toEqual(n === 99_999 ? [nodeId(n)] : [])
    expect(history.successors(nodeId(n)).length + history.ancestors(nodeId(n)).length).toBe(MAX_VERSIONS - 1)
  })

  test('near its end shows the head', async () => {
    const history = (await readHistory(chain, nodeId(99_000), { limit: 1_500 }))!
    expect(history.winner?.id).toBe(nodeId(99_999))
  })

  test('is given up when the signal fires', async () => {
    const signal = AbortSignal.abort()
    await expect(readHistory(chain, nodeId(0), { signal })).rejects.toMatchObject({ code: 'aborted' })
    await expect(readHistory(chain, nodeId(0), { limit: 0 })).rejects.toBeInstanceOf(CosmicError)
  })

  test('costs one look for whoever wants to know what is current', async () => {
    chain.reads = 0
    const blocks = (await chain.getMany([5, 99_999].map(nodeId))).map(stored => stored!.block)
    expect(await supersededAmong(chain, blocks)).toEqual([true, false])
    expect(chain.reads).toBeLessThanOrEqual(8)
  })
})

describe('a fan', () => {
  test('of 9,999 heads is read whole', async () => {
    const fan = new Graph(10_000, n => (n === 0 ? [] : [0]))
    const history = (await readHistory(fan, nodeId(0)))!
    expect([history.heads.length, history.complete]).toEqual([9_999, true])
    expect(history.winner?.id).toBe(nodeId(9_999))
  })

  test('of 20,000 heads is read as far as the limit allows', async () => {
    const fan = new Graph(20_001, n => (n === 0 ? [] : [0]))
    const history = (await readHistory(fan, nodeId(7)))!
    expect(history.complete).toBe(false)
    expect(history.versions.length).toBeLessThanOrEqual(MAX_VERSIONS)
    expect(fan.reads).toBeLessThanOrEqual(4 * MAX_VERSIONS)
  })

  test('of versions that nobody admits is not read to its end to learn what is current', async () => {
    const fan = new Graph(10_000, n => (n === 0 ? [] : [0]), false)
    const [first] = await fan.getMany([nodeId(0)])
    fan.reads = 0
    expect(await supersededAmong(fan, [first!.block])).toEqual([true])
    expect(fan.reads).toBeLessThanOrEqual(2 * MAX_SUCCESSORS_READ)
    const few = new Graph(5, n => (n === 0 ? [] : [n - 1]), false)
    expect(await supersededAmong(few, [(await few.getMany([nodeId(0)]))[0]!.block])).toEqual([false])
  })
})

test('versions that name 256 others each are read until too many names are remembered', async () => {
  const web = new Graph(2_000, n => Array.from({ length: Math.min(n, 256) }, (_, i) => n - 1 - i))
  const history = (await readHistory(web, nodeId(1_999)))!
  expect(history.complete).toBe(false)
  expect(history.winner?.id).toBe(nodeId(1_999))
  expect(web.reads).toBeLessThanOrEqual(1_000_000)
})

test('hashing makes circles impossible; a walk over one would end all the same', async () => {
  const circle = new Graph(100, n => [(n + 1) % 100])
  const history = (await readHistory(circle, nodeId(3)))!
  expect([history.versions.length, history.heads, history.complete]).toEqual([100, [], true])
  expect(history.ancestors(nodeId(3))).toHaveLength(100)
  const refused = new Graph(100, n => [(n + 1) % 100], false)
  const [block] = await refused.getMany([nodeId(0)])
  expect(await supersededAmong(refused, [block!.block])).toEqual([false])
})
