import { CosmicError, type Block, type SyncClient } from 'cosmic-embeddings'
import { blockCard } from './block-card'
import { byId } from './dom'
import { counted, plain } from './plain-text'
import { attempt } from './reports'

/** Connects the search box to a client. Answers the search itself, which also takes a block: "more like this". */
export function searchForm(client: SyncClient): (query: string | Block) => void {
  let latest: AbortController | undefined
  const search = (query: string | Block) => {
    latest?.abort()
    latest = new AbortController()
    const { signal } = latest
    byId('answered').textContent = 'Searching…'
    attempt(() => answer(client, query, signal, search))
  }
  byId<HTMLFormElement>('search').addEventListener('submit', event => {
    event.preventDefault()
    search(byId<HTMLInputElement>('question').value)
  })
  byId('search').inert = false
  return query => {
    search(query)
    byId('search-title').scrollIntoView({ block: 'start' })
  }
}

async function answer(
  client: SyncClient,
  query: string | Block,
  signal: AbortSignal,
  onSimilar: (block: Block) => void,
): Promise<void> {
  try {
    const { hits, report } = await client.search(query, { k: 5, signal })
    if (signal.aborted) return
    const scanned = report.searched.reduce((sum, model) => sum + model.scanned, 0)
    const unreached = report.unreached.length ? ` Not comparable: ${report.unreached.join(', ')}.` : ''
    byId('answered').textContent = plain(
      `The nearest ${hits.length} of ${counted(scanned, 'block')} to ${titleOf(query)}.${unreached}`,
    )
    byId('hits').replaceChildren(...hits.map(hit => blockCard(hit.block, { self: client.id, onSimilar, hit })))
  } catch (error) {
    if (error instanceof CosmicError && error.code === 'aborted') return
    if (!signal.aborted) byId('answered').textContent = 'No answer: the reason is at the top.'
    throw error
  }
}

function titleOf(query: string | Block): string {
  if (typeof query === 'string') return `“${query}”`
  return `“${(query.kind === 'embedding' && !query.opaque && query.input.content) || query.id}”`
}
