import { BoundedMap } from '../../base/index'
import type { ExportReport } from './client-types'
import { HttpProblem } from './problem'
import { chunksOf, mediaTypeOf, readJson, readQuery } from './read-body'
import type { Call } from './routes'
import * as schemas from './schemas'
import { jsonAnswer, type Answer } from './whole-answer'

const MAX_JSON = 16_384
const CAR = 'application/vnd.ipld.car'

export async function listPeers({ node }: Call): Promise<Answer> {
  return jsonAnswer({ items: (await node.client.status()).peers })
}

export async function addPeer({ node, request }: Call): Promise<Answer> {
  const { address, peer, retry = false } = await readJson(request, schemas.peerBody, MAX_JSON)
  // A wish that is to last outlives whoever waits for its first answer.
  const options = { retry, ...(!retry && { signal: request.signal }), ...(peer !== undefined && { peer }) }
  return jsonAnswer({ peer: await node.client.connect(address, options) }, { status: 201 })
}

export async function dropPeer({ node, params }: Call): Promise<Answer> {
  await node.client.disconnect(params['id']!)
  return new Response(null, { status: 204 })
}

export async function nodeStatus({ node }: Call): Promise<Answer> {
  return jsonAnswer(await node.client.status())
}

export async function readiness({ node }: Call): Promise<Answer> {
  const { search } = await node.client.status()
  if (search.loading) throw new HttpProblem(503, 'loading', 'the search index is still loading', { 'retry-after': '1' })
  return jsonAnswer({ status: 'ready' })
}

/** Exports whose ends are remembered. */
const KEPT_REPORTS = 256

export const exportReports = () => new BoundedMap<ExportReport>(KEPT_REPORTS)

/** A chunk at a time, as the reader asks for it; what fails before the first is a problem and no archive. */
export async function exportBlocks({ node, request, exports, id }: Call): Promise<Response> {
  let report: ExportReport = { blocks: 0, missing: 0 }
  const onProgress = ({ blocks, missing }: ExportReport) => (report = { blocks, missing })
  const chunks = node.client.export({ signal: request.signal, onProgress })
  let first: IteratorResult<Uint8Array, unknown> | undefined = await chunks.next()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = first ?? (await chunks.next())
      first = undefined
      if (!done) return controller.enqueue(value)
      // An archive has no end mark: this is told before its reader sees the end.
      exports.set(id, report)
      controller.close()
    },
    cancel: async () => void (await chunks.return()),
  })
  return new Response(body, {
    headers: { 'content-type': CAR, 'content-disposition': 'attachment; filename="memory.car"' },
  })
}

export function exportEnd({ exports, params }: Call): Answer {
  const report = exports.get(params['id']!)
  if (report) return jsonAnswer(report)
  throw new HttpProblem(404, 'not-found', `no export of this id has ended here lately`)
}

export async function importBlocks({ node, request, query }: Call): Promise<Answer> {
  if (mediaTypeOf(request) !== CAR) throw new HttpProblem(415, 'media-type', `send ${CAR}`)
  readQuery(schemas.noQuery, query)
  return jsonAnswer(await node.client.import(chunksOf(request), { signal: request.signal }))
}
