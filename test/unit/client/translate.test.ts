import { expect, test } from 'vitest'
import type { Embedder } from '../../../src/block/index'
import { createBlock } from '../../../src/block/index'
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
