import { beforeAll, expect, test } from 'vitest'
import { sharedGlosses } from '../../../examples/demo/glosses'
import { miniLm } from '../../../src/adapters/embedder/minilm'
import { useLite } from '../../../src/adapters/embedder/use-lite'
import { embedAll, fitTranslator, procrustes, translate, type Translator } from '../../../src/models/index'
import { inner, unit } from './vectors'

// Both models in one process, the one with the older TensorFlow.js first: the order that would break without care.
const TEXTS = sharedGlosses(250)
/** Every fifth text is kept from the fit altogether. */
const isUnseen = (i: number) => i % 5 === 2
const ALL = TEXTS.map((_, i) => i)
const UNSEEN = ALL.filter(isUnseen)
const HELD_OUT = 20
let use: Float32Array[]
let mini: Float32Array[]

beforeAll(async () => {
  const older = await useLite()
  use = await embedAll(older, TEXTS)
  mini = await embedAll(await miniLm(), TEXTS)
}, 60_000)

const seen = <T>(items: readonly T[]) => items.filter((_, i) => !isUnseen(i))

const fit = (from: Float32Array[], to: Float32Array[]) =>
  fitTranslator({ from: 'test:from', to: 'test:to', pairs: { from: seen(from), to: seen(to) }, holdOut: HELD_OUT })

/** Share of the unseen texts whose own vector is among the first `k` of those at `gallery`. */
function found(translator: Translator, from: Float32Array[], to: Float32Array[], gallery: number[], k: number): number {
  const hits = UNSEEN.filter(at => {
    const answer = translate(translator, from[at]!)
    const own = inner(answer, to[at]!)
    return gallery.filter(other => inner(answer, to[other]!) > own).length < k
  })
  return hits.length / UNSEEN.length
}

// Measured: first .96 and .90 among unseen texts; beside the anchors, which rank higher because they were fitted on,
// among ten .96 and .98, first only .44 and .22.
test.each(['MiniLM to USE', 'USE to MiniLM'])('%s: a question in one model finds its text in the other', async way => {
  const [from, to] = way === 'MiniLM to USE' ? [mini, use] : [use, mini]
  const translator = await fit(from, to)
  const share = (gallery: number[], k: number) => found(translator, from, to, gallery, k)
  expect(share(UNSEEN, 1)).toBeGreaterThan(0.7)
  expect(share(ALL, 10)).toBeGreaterThan(0.8)
  expect(translator.quality).toMatchObject({ anchors: 180, heldOut: 20, gallery: 200 })
  expect(translator.quality.top10).toBeGreaterThan(0.7)
  expect(translator.quality.cosine).toBeGreaterThan(0.25)
})

test('signed bytes lose nothing that a search would notice', async () => {
  const translator = await fit(mini, use)
  const centred = (vectors: Float32Array[], mean: Float32Array) =>
    vectors.map(vector => Float64Array.from(vector, (value, j) => value - mean[j]!))
  const isAnchor = (_: unknown, i: number) =>
    Math.floor(((i + 1) * HELD_OUT) / 200) === Math.floor((i * HELD_OUT) / 200)
  const from = centred(mini, translator.means.from)
  const full = await procrustes(seen(from).filter(isAnchor), seen(centred(use, translator.means.to)).filter(isAnchor))
  const likeness = mini.map((vector, at) => {
    const exact = unit(Array.from({ length: 512 }, (_, i) => inner(full.subarray(i * 384, (i + 1) * 384), from[at]!)))
    return inner(exact, translate(translator, vector))
  })
  expect(Math.min(...likeness)).toBeGreaterThan(0.9995)
})
