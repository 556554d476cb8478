import { expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { startAgent } from './agents'

const COUNT = 1_500
const DIMS = 24
const signer = await Signer.generate()

/** Numbers that only look random, the same in each run. */
function vectorOf(n: number): number[] {
  return Array.from({ length: DIMS }, (_, i) => Math.sin((n + 1) * (i + 3) * 12.9898) + (n % 7 === i % 7 ? 1 : 0))
}

const query = vectorOf(COUNT)
const METRICS = {
  cosine: (v: number[]) => dot(v, query) / Math.sqrt(dot(v, v) * dot(query, query)),
  dot: (v: number[]) => dot(v, query),
  euclidean: (v: number[]) => -Math.hypot(...v.map((value, i) => value - query[i]!)),
}
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

test('hits that were found by rounded vectors show their own scores, in order, none below minScore; exact pages have no gap', async () => {
  const { client } = await startAgent()
  const vectors = new Map<string, number[]>()
  const blocks = await Promise.all(
    Array.from({ length: COUNT }, async (_, n) => {
      const block = await createBlock({ embedding: vectorOf(n), model: 'acme:embed', sky: false }, signer)
      vectors.set(block.id, [...new Float32Array(vectorOf(n))])
      return block
    }),
  )
  await Promise.all(blocks.map(block => client.publish(block)))
  // Until codes have taken the place of the vectors, and memory rests.
  let bytes = 0
  const rests = async () => {
    const { kernels, spaces } = (await client.status()).search
    const before = bytes
    bytes = spaces[0]!.bytes
    return kernels !== 'scalar' && bytes === before
  }
  await expect.poll(rests, { timeout: 20_000, interval: 300 }).toBe(true)
  for (const [metric, scoreOf] of Object.entries(METRICS) as [keyof typeof METRICS, (v: number[]) => number][]) {
    const all = [...vectors.values()].map(scoreOf).sort((a, b) => b - a)
    const minScore = (all[19]! + all[20]!) / 2
    for (const mode of ['fast', 'auto'] as const) {
      const { hits } = await client.search(query, { model: 'acme:embed', metric, mode, minScore, k: 60 })
      const scores = hits.map(({ score }) => score)
      expect(hits.map(({ block }) => scoreOf(vectors.get(block.id)!))).toEqual(scores.map(s => expect.closeTo(s, 5)))
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(minScore)
      expect(hits.length).toBeGreaterThan(15)
      expect(hits[0]).not.toHaveProperty('asked')
    }
  }
  // Exact pages follow one another through all that there is.
  const pages = []
  for (let offset = 0; offset < COUNT; offset += 150) {
    const asked = { model: 'acme:embed', mode: 'exact', k: 150, offset } as const
    pages.push(...(await client.search(query, asked)).hits)
  }
  const scores = pages.map(({ score }) => score)
  expect(new Set(pages.map(({ block }) => block.id)).size).toBe(COUNT)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
})
