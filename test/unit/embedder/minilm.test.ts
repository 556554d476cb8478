import { describe, expect, test } from 'vitest'
import { miniLm } from '../../../src/adapters/embedder/minilm'
import { embedderSuite } from '../../../src/testing/index'
import { expectMeaning } from './meaning'

const embedder = miniLm()

embedderSuite({ describe, test, expect }, { name: 'minilm', open: () => embedder })

test('texts of one meaning are nearer than texts of another', async () => {
  expect((await embedder).modelId).toBe('sentence-transformers:all-minilm-l6-v2@tfjs-int8')
  await expectMeaning(await embedder)
})

test('short and long texts in one batch keep their own vectors', async () => {
  const { embed } = await embedder
  const texts = Array.from(
    { length: 20 },
    (_, i) => `${'a river of ice moves slowly '.repeat((i * 7) % 20)}number ${i}`,
  )
  const together = await embed(texts)
  for (const i of [0, 5, 13, 19]) {
    const [alone] = await embed([texts[i]!])
    expect(Math.max(...alone!.map((value, k) => Math.abs(value - together[i]![k]!)))).toBeLessThan(1e-3)
  }
})

test('a text beyond the window is cut, not refused', async () => {
  const { embed } = await embedder
  const [long, longer] = await embed(['word '.repeat(300), 'word '.repeat(3000)])
  expect(longer).toEqual(long)
})
