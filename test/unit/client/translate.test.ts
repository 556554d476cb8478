import { expect, test } from 'vitest'
import type { Embedder, TranslatorPart } from '../../../src/block/index'
import { createBlock } from '../../../src/block/index'
import { MAX_SETS, MAX_SETS_PER_AUTHOR, TranslatorBook } from '../../../src/client/translator-book'
import type { BlockStore } from '../../../src/store/index'
import { startAgents } from './agents'

const DIMS = 16

/** A fixed pseudo-random orthogonal frame: what one model sees, turned. */
function turn(vector: readonly number[]): number[] {
  const out = [...vector]
  for (let i = 0; i < DIMS; i++) {
    const j = (i * 7 + 3) % DIMS
    if (i === j) continue
    const [a, b, angle] = [out[i]!, out[j]!, 0.3 + 0.37 * i]
    out[i] = a * Math.cos(angle) - b * Math.sin(angle)
    out[j] = a * Math.sin(angle) + b * Math.cos(angle)
  }
  return out
}

/** Where a text stands in the first model: hashed, so that texts lie apart; the second model sees it turned. */
function point(text: string): number[] {
  let seed = 2166136261
  return Array.from({ length: DIMS }, (_, i) => {
    for (const char of `${text}${i}`) seed = Math.imul(seed ^ char.charCodeAt(0), 16777619)
    return ((seed >>> 8) / 2 ** 24) * 2 - 1
  })
}

function embedder(modelId: string, see: (vector: number[]) => number[]): Embedder {
  return {
    modelId,
    dimensions: DIMS,
    embed: texts => Promise.resolve(texts.map(text => Float32Array.from(see(point(text))))),
  }
}

const models = [embedder('test:straight', vector => vector), embedder('test:turned', turn)] as const

test('a translator fitted from shared texts lets each find the other by meaning', async () => {
  const [a, b] = await startAgents(2)
  const remember = (agent: typeof a, own: Embedder, content: string) =>
    createBlock({ embedder: own, input: { type: 'text', content } }, agent.signer).then(block =>
      agent.client.publish(block),
    )
  for (let i = 0; i < 80; i++) {
    await remember(a, models[0], `shared ${i}`)
    await remember(b, models[1], `shared ${i}`)
  }
  await remember(b, models[1], 'only the other knows this')
  await a.client.connect('memory://b')
  await Promise.all([a.client.waitForSync(), b.client.waitForSync()])

  const query = point('only the other knows this')
  const before = await a.client.search(query, { model: 'test:straight' })
  expect(before.report.unreached).toEqual(['test:turned'])
  const { ids, quality } = await a.client.fitTranslator({ from: 'test:straight', to: 'test:turned' })
  expect(quality).toMatchObject({ anchors: 64, heldOut: 16, top1: 1 })

  const { hits, report } = await a.client.search(query, { model: 'test:straight', k: 3 })
  expect(hits[0]).toMatchObject({
    block: { input: { content: 'only the other knows this' }, author: b.client.id },
    via: { from: 'test:straight', to: 'test:turned', author: a.client.id, ids },
  })
  expect(report.unreached).toEqual([])
  expect((await a.client.search(query, { model: 'test:straight', translate: false })).report.unreached).toEqual([
    'test:turned',
  ])
  const only = await a.client.search(query, { model: 'test:straight', where: { model: 'test:straight' } })
  expect(only.hits.every(({ via }) => via === undefined)).toBe(true)
})

test('text in, text out: the embedder of the client asks, and too few shared texts are refused by name', async () => {
  const [a] = await startAgents(1, { embedder: models[0] })
  const block = await createBlock({ embedder: models[0], input: { type: 'text', content: 'a cup of tea' } }, a.signer)
  await a.client.publish(block)
  const { hits } = await a.client.search('a cup of tea')
  expect(hits[0]!.block.input.content).toBe('a cup of tea')
  expect(hits[0]!.score).toBeCloseTo(1, 5)
  const fit = a.client.fitTranslator({ from: 'test:straight', to: 'test:turned' })
  await expect(fit).rejects.toMatchObject({ code: 'too-few-anchors' })
})

test('a translator that leads nowhere, or blocks of another length under a known model, spoil nobody else’s search', async () => {
  const [a, mallory] = await startAgents(2)
  const remember = (own: Embedder, content: string) =>
    createBlock({ embedder: own, input: { type: 'text', content } }, a.signer).then(block => a.client.publish(block))
  for (let i = 0; i < 80; i++) for (const model of models) await remember(model, `shared ${i}`)
  for (const { modelId } of models) await mallory.publish({ model: modelId, embedding: [1, 0, 0] })
  const rows = 4
  const lie: TranslatorPart = {
    ...{ from: 'test:straight', to: 'test:turned', method: 'procrustes', set: new Uint8Array(32).fill(7) },
    ...{ index: 0, count: 1, row: 0, rows, dims: DIMS, data: new Uint8Array(rows * DIMS).fill(1) },
    scales: new Uint8Array(Float32Array.from({ length: rows }, () => 1).buffer),
    means: { from: new Uint8Array(DIMS * 4), to: new Uint8Array(rows * 4) },
    quality: { anchors: 9, heldOut: 9, gallery: 9, top1: 1, top10: 1, cosine: 1, baseline: 0 },
  }
  await mallory.client.publish(await createBlock({ translator: lie }, mallory.signer))
  await a.client.connect('memory://b')
  await Promise.all([a.client.waitForSync(), mallory.client.waitForSync()])

  const query = point('shared 7')
  expect((await a.client.search(query, { model: 'test:straight' })).report.unreached).toEqual(['test:turned'])
  await a.client.fitTranslator({ from: 'test:straight', to: 'test:turned' })
  const { hits } = await a.client.search(query, { model: 'test:straight', where: { model: 'test:turned' } })
  expect(hits[0]).toMatchObject({ block: { input: { content: 'shared 7' } }, via: { author: a.client.id } })
  const own = { from: 'test:straight', to: 'test:turned', authors: [mallory.client.id] }
  await expect(a.client.fitTranslator(own)).rejects.toMatchObject({ code: 'too-few-anchors' })
})

const quality = { anchors: 9, heldOut: 9, gallery: 9, top1: 1, top10: 1, cosine: 1, baseline: 0 }

/** A book over translators of one part each, of these authors, in this order. */
async function bookOf(authors: readonly string[], self: string, hidden?: string): Promise<TranslatorBook> {
  const blocks = authors.map((author, i) => {
    const set = Uint8Array.of(i >> 8, i)
    const translator = { from: 'a:a', to: 'b:b', set, index: 0, count: 1, quality }
    return { admitted: true, block: { id: `${author} ${i}`, kind: 'translator', author, time: i, translator } }
  })
  const book = new TranslatorBook({ onChange: () => () => {}, query: () => blocks } as unknown as BlockStore, self, {
    hides: ({ author, time }) => author === hidden && time >= 1,
  })
  await book.open()
  return book
}

test('a flood of translators costs nobody else theirs', async () => {
  const one = await bookOf(['honest', ...Array.from({ length: 5_000 }, () => 'flood')], 'me')
  const known = one.from('a:a').get('b:b')!
  expect(known).toHaveLength(1 + MAX_SETS_PER_AUTHOR)
  expect(known.some(({ author }) => author === 'honest')).toBe(true)

  const many = Array.from({ length: 2 * MAX_SETS }, (_, i) => `flood ${i % 40}`)
  const crowded = (await bookOf(['me', ...many], 'me')).from('a:a').get('b:b')!
  expect(crowded).toHaveLength(MAX_SETS)
  expect(crowded[0]!.author).toBe('me')
})

test('a translator of a key that ended before is not used, one from before its end is', async () => {
  const known = (await bookOf(['ended', 'ended', 'other'], 'me', 'ended')).from('a:a').get('b:b')!
  expect(known.map(({ ids }) => ids[0])).toEqual(['ended 0', 'other 2'])
})

test('a translator that fitted nothing comes last from then on, whatever it claims', async () => {
  const book = await bookOf(['liar', 'liar', 'honest'], 'me')
  for (const via of book
    .from('a:a')
    .get('b:b')!
    .filter(({ author }) => author === 'liar'))
    book.demote(via)
  expect(
    book
      .from('a:a')
      .get('b:b')!
      .map(({ author }) => author),
  ).toEqual(['honest', 'liar', 'liar'])
})

test('a foreign vector of another length under the model of the query spoils only itself', async () => {
  const [a, mallory] = await startAgents(2)
  await a.publish({ model: 'test:other', embedding: [1, 0] })
  await mallory.publish({ model: 'test:two', embedding: [1] })
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  const { hits, report } = await a.client.search([1, 0], { model: 'test:two' })
  expect([hits, [...report.unreached].sort()]).toEqual([[], ['test:other', 'test:two']])
})
