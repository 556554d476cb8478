// An agent in a web page. Its address says where to meet: ?signaling=ws://…&room=…
import type { Embedder, Signer, SyncClient } from 'cosmic-embeddings'
import { createAgent, lazyMiniLm, loadIdentity, readRequest, type Request } from './agent'
import { verdictOf } from './block-card'
import { BlockList } from './block-list'
import { byId, name } from './dom'
import { keptBlocks, openKeptBlocks } from './kept-blocks'
import { noteForm } from './note-form'
import { followPeers } from './peer-list'
import { shortName } from './plain-text'
import { log, showError, showUncaught } from './reports'
import { searchForm } from './search-form'

const MODEL_STATES = {
  loading: 'Loading the model (23 MB) …',
  ready: 'The model runs in this tab: what you type stays here.',
  failed: 'The model could not be loaded. “More like this” works without it.',
}

/** Starts in the room; where that fails it says why and works alone. */
async function start(signer: Signer, embedder: Embedder, meeting: Request['meeting'], blocks: BlockList) {
  const storage = await openKeptBlocks()
  for await (const block of keptBlocks(storage)) blocks.add(block)
  const client = createAgent(signer, embedder, storage, meeting)
  follow(client, blocks)
  try {
    await client.start()
    followPeers(client, meeting?.room)
    return client
  } catch (error) {
    if (!meeting) throw error
    showError(error)
    return start(signer, embedder, undefined, blocks)
  }
}

function follow(client: SyncClient, blocks: BlockList): void {
  client.on('block', ({ block }) => blocks.add(block))
  client.on('connected', ({ peer }) => log('', 'connected to ', name(peer, shortName(peer))))
  client.on('disconnected', ({ peer, failure }) =>
    log(
      failure ? 'problem' : '',
      name(peer, shortName(peer)),
      failure ? ` left: ${failure.code} ${failure.hint ?? ''}` : ' left',
    ),
  )
  client.on('unreachable', ({ remote, failure }) => log('problem', `no connection to ${remote}: ${failure.code}`))
  client.on('refused', ({ peer, verdict }) =>
    log('problem', 'refused a block of ', name(peer, shortName(peer)), verdictOf(verdict)),
  )
  client.on('error', ({ error }) => showError(error))
}

function fillForm(query: URLSearchParams): void {
  for (const id of ['signaling', 'room', 'models']) byId<HTMLInputElement>(id).value = query.get(id) ?? ''
}

/** A tab that leaves says goodbye; one that is shown again from the browser's cache starts afresh. */
function closeWithTab(client: SyncClient): void {
  addEventListener('pagehide', () => void client.close())
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
}

async function main(): Promise<void> {
  const query = new URLSearchParams(location.search)
  fillForm(query)
  const { meeting, files } = readRequest(query)
  const embedder = lazyMiniLm(files, state => (byId('model').textContent = MODEL_STATES[state]))
  const signer = await loadIdentity()
  byId('identity').textContent = signer.did
  const blocks = new BlockList({ self: signer.did, onSimilar: block => search(block) })
  const client = await start(signer, embedder, meeting, blocks)
  const search = searchForm(client)
  noteForm(signer, embedder, client)
  closeWithTab(client)
}

showUncaught()
await main().catch(showError)
