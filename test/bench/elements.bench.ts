import { blockVector, createBlock, type ElementType, Signer } from 'cosmic-embeddings'
import { miniLm } from 'cosmic-embeddings/embedder/minilm'
import { glosses, sharedGlosses } from '../../examples/demo/glosses'
import { recall } from '../tools/recall'
import type { Benchmark, BenchResult } from './benchmark'

const PER_PART = 1_300
const QUERIES = 300
const K = 10

const about = `What a smaller element type costs in retrieval: the share of the ten nearest by cosine that stay the ten nearest when the
gallery is stored as \`f16\` or \`i8\` in signed blocks and read back. ${(2 * PER_PART).toLocaleString('en-US')} WordNet glosses and ${QUERIES} others as queries,
embedded by all-MiniLM-L6-v2 (384 dimensions); the queries stay f32. The ratios compare with f32: its recall is 1 by
definition, its size the envelope's bytes, of which the vector is the part that shrinks.`

async function run(): Promise<BenchResult[]> {
  const embedder = await miniLm()
  const embed = async (texts: readonly string[]) => {
    const vectors: Float32Array[] = []
    const { maxBatch = 64 } = embedder
    for (let at = 0; at < texts.length; at += maxBatch)
      vectors.push(...(await embedder.embed(texts.slice(at, at + maxBatch))))
    return vectors
  }
  const count = PER_PART
  const gallery = await embed([...glosses({ part: 0, count }), ...glosses({ part: 1, count })])
  const queries = await embed(sharedGlosses(QUERIES))

  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  const store = (element: ElementType) =>
    Promise.all(
      gallery.map((embedding, time) => createBlock({ embedding, model: embedder.modelId, element, time }, signer)),
    )
  const full = await store('f32')
  const exact = full.map(blockVector)
  const results: BenchResult[] = []
  for (const element of ['f16', 'i8'] as const) {
    const blocks = await store(element)
    const value = recall(exact, blocks.map(blockVector), queries, K)
    const smaller = full[0]!.bytes.length / blocks[0]!.bytes.length
    const ratios = { 'recall of f32': rounded(value), 'size of f32': rounded(smaller) }
    results.push({ case: element, value: rounded(value), unit: `recall@${K}`, ratios })
  }
  return results
}

function rounded(value: number): number {
  return Number(value.toFixed(4))
}

export default { about, run } satisfies Benchmark
