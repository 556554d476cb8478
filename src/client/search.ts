import type { Embedder } from '../block/index'
import { readSearchOptions } from './check-search-options'
import { find } from './find'
import type { SearchHit, SearchOptions, SearchReport } from './query'
import { queriesOf, queryVector, type Query } from './query-vector'
import type { Running } from './running'

/** The hits of a query, whose options are checked first. */
export async function search(
  query: Query | readonly Query[],
  given: SearchOptions,
  embedder: Embedder | undefined,
  running: Promise<Running>,
): Promise<{ hits: SearchHit[]; report: SearchReport }> {
  const options = readSearchOptions(given, '')
  const opened = await running
  const queries = queriesOf(query).map(each => queryVector(each, options, embedder))
  return find(await Promise.all(queries), options, opened)
}
