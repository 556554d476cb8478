import { type Embedder, LIMITS, parseModelId } from '../block/index'
import { readRunner, readSubject } from './read-subject'
import { rejection, type SuiteRunner } from './suite-tools'

export interface EmbedderSubject {
  readonly name: string
  /** The embedder under test; asked for once per check, so a slow one may hand out the same each time. */
  open(): Promise<Embedder>
}

const TEXTS = [
  'Water boils at 100 °C.',
  '',
  'Ein Satz mit Umlauten: äöü ß, 水, 🌌',
  'a '.repeat(60),
  'Water boils at 100 °C.',
]

/**
 * What every `Embedder` must do. Run it on your own:
 *
 * @example
 * ```ts
 * import { describe, expect, test } from 'vitest'
 * embedderSuite({ describe, test, expect }, { name: 'mine', open: async () => myEmbedder() })
 * ```
 */
export function embedderSuite(runner: SuiteRunner, subject: EmbedderSubject): void {
  const { describe, test, expect } = readRunner(runner, 'runner')
  readSubject(subject)
  const { name } = subject
  const open = () => subject.open()
  describe(`Embedder: ${name}`, () => {
    test('names its model, its dimensions and its batch bound', async () => {
      const { modelId, dimensions, maxBatch = 1 } = await open()
      const id = parseModelId(modelId)
      expect(id.ok).toBe(true)
      expect(id.ok && (id.value.dims ?? dimensions)).toBe(dimensions)
      expect(Number.isInteger(dimensions) && dimensions > 0 && dimensions <= LIMITS.dims).toBe(true)
      expect(Number.isInteger(maxBatch) && maxBatch > 0).toBe(true)
    })
    test('answers one finite vector per text, empty, long and foreign ones too', async () => {
      const embedder = await open()
      const vectors = await embedAlone(embedder, TEXTS)
      expect(vectors.map(vector => vector.length)).toEqual(TEXTS.map(() => embedder.dimensions))
      expect(vectors.every(vector => vector instanceof Float32Array && vector.every(Number.isFinite))).toBe(true)
      expect(await embedder.embed([])).toEqual([])
    })
    test('a text has one vector, alone and in any batch, in the order asked', async () => {
      const embedder = await open()
      const texts = TEXTS.slice(0, embedder.maxBatch ?? TEXTS.length)
      const alone = await embedAlone(embedder, texts)
      const together = await embedder.embed(texts)
      const reversed = (await embedder.embed(texts.toReversed())).toReversed()
      expect(alone.map((vector, i) => distance(vector, together[i]!) < 1e-3)).toEqual(texts.map(() => true))
      expect(alone.map((vector, i) => distance(vector, reversed[i]!) < 1e-3)).toEqual(texts.map(() => true))
    })
    test('hands out vectors that the caller may change', async () => {
      const embedder = await open()
      const [first] = await embedder.embed(['one'])
      const copy = first!.slice()
      first!.fill(7)
      expect(distance((await embedder.embed(['one']))[0]!, copy) < 1e-3).toBe(true)
    })
    test('refuses more texts than maxBatch', async () => {
      const embedder = await open()
      const texts = Array.from({ length: (embedder.maxBatch ?? 64) + 1 }, (_, i) => `${i}`)
      expect(await rejection(embedder.embed(texts))).toBe('limit')
    })
    test('honours a signal that fired before and one that fires during the call, and works on', async () => {
      const embedder = await open()
      expect(await rejection(embedder.embed(['one'], { signal: AbortSignal.abort() }))).toBe('aborted')
      const stop = new AbortController()
      const call = rejection(embedder.embed(['one'], { signal: stop.signal }))
      stop.abort()
      expect(await call).toBe('aborted')
      expect((await embedder.embed(['one'], { signal: new AbortController().signal })).length).toBe(1)
    })
    test('takes queries as well as documents', async () => {
      const embedder = await open()
      const [query] = await embedder.embed(['one'], { kind: 'query' })
      expect(query!.length).toBe(embedder.dimensions)
    })
  })
}

async function embedAlone(embedder: Embedder, texts: readonly string[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = []
  for (const text of texts) vectors.push(...(await embedder.embed([text])))
  return vectors
}

/** The largest difference of one element. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}
