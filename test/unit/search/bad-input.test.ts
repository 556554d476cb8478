import { afterEach, describe, expect, test } from 'vitest'
import { miniSearch } from '../../../src/adapters/keywords/minisearch'
import { blockVector, createBlock, type Embedder } from '../../../src/block/index'
import { SyncClient, type Query, type SearchOptions } from '../../../src/client/index'
import { openSearch, type SearchQuery } from '../../../src/search/index'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { recallOf } from '../../tools/recall-of-search'
import { MODEL, sceneBlocks } from '../../tools/search-scenes'
import { signerOf } from '../../tools/stored-block'

const open: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map(each => each.close()))))

const model = 'test:warmth'
const embedder: Embedder = {
  modelId: model,
  dimensions: 2,
  embed: async texts => texts.map(text => (text.includes('hot') ? Float32Array.of(1, 0.1) : Float32Array.of(0.1, 1))),
}

async function clientWith() {
  const client = new SyncClient({ signer: await signerOf(1), embedder, search: { keywords: miniSearch } })
  open.push(client)
  await client.start()
  const publish = async (content: string) =>
    client.publish(await createBlock({ embedder, input: { type: 'text', content }, sky: false }, await signerOf(1)))
  await publish('hot water')
  await publish('cold ice E1234')
  return client
}

describe('the client refuses', () => {
  test.each([
    ['null among numbers', [1, null], {}, { code: 'bad-type', field: 'vector' }],
    ['a truth among numbers', [1, true], {}, { code: 'bad-type', field: 'vector' }],
    ['a text among numbers', [1, '1'], {}, { code: 'bad-type', field: 'vector' }],
    ['a hole among numbers', Array.of(1).concat(Array(1)), {}, { code: 'bad-type', field: 'vector' }],
    ['whole numbers of any length', BigInt64Array.of(1n, 2n), {}, { code: 'bad-type', field: 'vector' }],
    ['bytes without numbers', new DataView(new ArrayBuffer(8)), {}, { code: 'bad-type', field: 'query' }],
    ['a vector of none', [], {}, { code: 'wrong-length', field: 'vector', limit: 2 }],
    ['a vector of zeros', [0, 0], {}, { code: 'bad-value', field: 'vector' }],
    ['what overflows 32 bits', [1e300, 0], {}, { code: 'non-finite', field: 'vector' }],
    ['a recall beside exact', [1, 0], { mode: 'exact', recall: 0.5 }, { code: 'bad-value', field: 'recall' }],
    ['a recall beside fast', [1, 0], { mode: 'fast', recall: 0.99 }, { code: 'bad-value', field: 'recall' }],
    ['no number of hits', [1, 0], { k: 0 }, { code: 'limit', field: 'k' }],
    ['half a hit', 'hot', { k: 1.5, hybrid: true }, { code: 'limit', field: 'k' }],
    ['pages beyond the last', [1, 0], { k: 10_000, offset: 1 }, { code: 'out-of-range', field: 'offset' }],
    ['a tag that is none', [1, 0], { where: { tags: 'hot' } }, { code: 'bad-type', field: 'where.tags' }],
  ] as unknown as [string, Query, SearchOptions, object][])('%s', async (_name, query, options, error) => {
    const client = await clientWith()
    await expect(client.search(query, { model, ...options })).rejects.toMatchObject(error)
  })

  test('a block together with another model', async () => {
    const client = await clientWith()
    const { block } = (await client.search('hot', { k: 1 })).hits[0]!
    await expect(client.search(block, { model: 'test:other' })).rejects.toMatchObject({
      code: 'bad-value',
      field: 'model',
    })
    expect((await client.search(block, { model })).hits).toHaveLength(1)
  })
})

test('what only its words found has a score by the metric, and a lowest score holds for it too', async () => {
  const client = await clientWith()
  const ask = async (options: SearchOptions) =>
    (await client.search('hot E1234', { hybrid: true, ...options })).hits.map(({ block, score }) => [
      block.input?.type === 'text' ? block.input.content : '',
      Number(score.toFixed(3)),
    ])
  expect(await ask({})).toContainEqual(['cold ice E1234', 0.198])
  expect(await ask({ metric: 'euclidean', k: 2 })).toContainEqual(['cold ice E1234', -1.273])
  expect(await ask({ minScore: 0.5 })).toEqual([['hot water', 1]])
})

test.each([
  ['nothing', undefined, { code: 'bad-type', field: 'query' }],
  ['no vector', { vector: undefined }, { code: 'bad-type', field: 'vector' }],
  ['a text', { vector: 'abc' }, { code: 'bad-type', field: 'vector' }],
  ['no model', { model: undefined }, { code: 'bad-type', field: 'model' }],
  ['a misspelt option', { minscore: 1 }, { code: 'unknown-field', field: 'minscore' }],
  ['conditions that are none', { where: 'x' }, { code: 'bad-type', field: 'where' }],
  ['a tag for a list', { where: { tags: 'x' } }, { code: 'bad-type', field: 'where.tags' }],
  ['an author for a list', { where: { author: ['x'] } }, { code: 'bad-type', field: 'where.author' }],
  ['a date for a time', { where: { since: '2026' } }, { code: 'bad-type', field: 'where.since' }],
  ['half a circle', { where: { near: { latitude: 1, longitude: 1 } } }, { code: 'bad-type', field: 'where.near' }],
  ['a misspelt circle', { where: { near: { lat: 1 } } }, { code: 'unknown-field', field: 'where.near.lat' }],
] as [string, object | undefined, object][])('an engine refuses %s', async (_name, change, error) => {
  const store = await openBlockStore(memoryStorage())
  const engine = await openSearch(store)
  open.push(engine)
  const query = change && { vector: [1, 0], model, ...change }
  await expect(engine.search(query as unknown as SearchQuery)).rejects.toMatchObject(error)
})

const vectorOf = (blocks: readonly StoredBlock[], i: number) => {
  const { block } = blocks[(i * 37) % blocks.length]!
  if (block.opaque || block.kind !== 'embedding') throw new Error('not an embedding')
  return blockVector(block)
}

test('while blocks are erased, refused and added, no hit is one that had gone; recall holds after nine tenths left', async () => {
  const [COUNT, FIRST, LEAVING, STEP] = [2_400, 1_800, 1_560, 60]
  const blocks = await sceneBlocks({ count: COUNT })
  const idsOf = (from: number, to: number) => blocks.slice(from, to).map(({ block }) => block.id)
  const store = await openBlockStore(memoryStorage())
  const engine = await openSearch(store, { clustersFrom: 1_200, pause: () => new Promise(setImmediate) })
  open.push(engine)
  await store.put(blocks.slice(0, FIRST))
  await engine.settled()
  const gone = new Set<string>()
  const wrong: string[] = []
  let searched = 0
  const search = async () => {
    for (; gone.size < LEAVING; searched++) {
      const before = new Set(gone)
      const { hits } = await engine.search({ vector: vectorOf(blocks, searched), model: MODEL, k: 20 })
      for (const { id } of hits) if (before.has(id)) wrong.push(id)
      await new Promise(setImmediate)
    }
  }
  const change = async () => {
    for (let at = 0; at < LEAVING; at += STEP) {
      const ids = idsOf(at, at + STEP)
      if (at % 180 === 0) await store.judge(ids.map(id => ({ id, admitted: false, code: 'policy' as const })))
      else await store.erase(ids, at % 120 === 0 ? 'expired' : 'pruned')
      ids.forEach(id => gone.add(id))
      await store.put(blocks.slice(FIRST + at / 4, FIRST + (at + STEP) / 4))
      await new Promise(setImmediate)
    }
  }
  await Promise.all([search(), search(), change()])
  expect(wrong).toEqual([])
  expect(searched).toBeGreaterThan(5)
  // What came meanwhile leaves too: a tenth is left.
  await store.erase(idsOf(FIRST, FIRST + LEAVING / 4), 'pruned')
  await engine.settled()
  const here = blocks.slice(LEAVING, FIRST)
  expect(engine.spaces).toMatchObject([{ size: here.length }])
  const queries = Array.from({ length: 40 }, (_, i) => vectorOf(blocks, i))
  expect(await recallOf(engine, here, queries)).toBeGreaterThanOrEqual(0.95)
}, 60_000)
