import { create, insertMultiple, search } from '@orama/orama'
import { isRare } from './block-of'
import { rowOf, type Dataset } from './data'
import { K, processorTime, type Peer } from './peer'

/** orama in memory; exact. */
export async function openOrama(data: Dataset): Promise<Peer> {
  const index = create({ schema: { tag: 'enum', vector: `vector[${data.dims}]` } as const })
  const documents = Array.from({ length: data.count }, (_, row) => ({
    id: String(row),
    tag: isRare(row) ? 'rare' : 'common',
    vector: [...rowOf(data, row)],
  }))
  const start = processorTime()
  await insertMultiple(index, documents, 1000)
  const insertion = (1000 * (processorTime() - start)) / data.count
  const ask = (tag?: string) => (query: Float32Array) => {
    const target = { value: [...query], property: 'vector' as const }
    const where = tag === undefined ? {} : { where: { tag: { eq: tag } } }
    return search(index, { mode: 'vector', vector: target, similarity: -1, limit: K, ...where })
  }
  return {
    name: 'orama',
    knobs: [],
    insertion,
    at: () => ask(),
    filtered: () => ask('rare'),
    rows: answer => (answer as { hits: { id: string }[] }).hits.map(hit => Number(hit.id)),
  }
}
