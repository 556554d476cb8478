import { HttpProblem } from './problem'
import { chunksOf, mediaTypeOf, readBy, readJson } from './read-body'
import type { Call } from './routes'
import * as schemas from './schemas'
import { jsonResponse } from './whole-body'

const MAX_JSON = 16_384
const CAR = 'application/vnd.ipld.car'

export async function listPeers({ node }: Call): Promise<Response> {
  return jsonResponse({ items: (await node.client.status()).peers })
}

export async function addPeer({ node, request }: Call): Promise<Response> {
  const { address, peer } = await readJson(request, schemas.peerBody, MAX_JSON)
  const options = { signal: request.signal, ...(peer !== undefined && { peer }) }
  return jsonResponse({ peer: await node.client.connect(address, options) }, { status: 201 })
}

export async function dropPeer({ node, params }: Call): Promise<Response> {
  await node.client.disconnect(decodeURIComponent(params['id']!))
  return new Response(null, { status: 204 })
}

export async function nodeStatus({ node }: Call): Promise<Response> {
  return jsonResponse(await node.client.status())
}

export async function readiness({ node }: Call): Promise<Response> {
  const { search } = await node.client.status()
  if (search.loading) throw new HttpProblem(503, 'loading', 'the search index is still loading', { 'retry-after': '1' })
  return jsonResponse({ status: 'ready' })
}

/** A chunk at a time, as the reader asks for it. */
export function exportBlocks({ node, request }: Call): Response {
  const chunks = node.client.export({ signal: request.signal })
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return()),
  })
  return new Response(body, {
    headers: { 'content-type': CAR, 'content-disposition': 'attachment; filename="memory.car"' },
  })
}

export async function importBlocks({ node, request, query }: Call): Promise<Response> {
  if (mediaTypeOf(request) !== CAR) throw new HttpProblem(415, 'media-type', `send ${CAR}`)
  readBy(schemas.noQuery, query)
  return jsonResponse(await node.client.import(chunksOf(request), { signal: request.signal }))
}
