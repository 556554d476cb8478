import { CosmicError } from '../../base/index'
import { toJSON } from '../../block/index'
import type { SearchOptions } from '../../client/index'
import { renderSkyChart } from '../../sky/index'
import { blockOf } from './block-routes'
import { HttpProblem } from './problem'
import { readBy, readJson } from './read-body'
import type { Call } from './routes'
import * as schemas from './schemas'
import { jsonAnswer, textAnswer, type Answer } from './whole-answer'

const MAX_JSON = 1_048_576
/** Of each sort. */
const MAX_RELATED = 100

export async function searchBlocks(call: Call): Promise<Answer> {
  const { node, request } = call
  const { text, vector, like, ...options } = await readJson(request, schemas.searchBody, MAX_JSON)
  if ([text, vector, like].filter(each => each !== undefined).length !== 1) {
    throw new CosmicError({ code: 'missing-field', field: 'text', hint: 'one of text, vector and like' })
  }
  const query = text ?? (vector && Float32Array.from(vector)) ?? (await blockOf({ ...call, params: { id: like! } }))
  const { hits, report } = await node.client.search(query, { ...(options as SearchOptions), signal: request.signal })
  return textAnswer(`{"hits":[${hits.map(hit => call.shown.hit(hit)).join(',')}],"report":${JSON.stringify(report)}}`)
}

export async function relatedBlocks(call: Call): Promise<Answer> {
  const block = await blockOf(call)
  const { store } = call.node
  const [from, about] = await Promise.all([
    store.page({ linksTo: block.id, limit: MAX_RELATED }),
    store.page({ about: block.id, limit: MAX_RELATED }),
  ])
  const links = ('links' in block && block.links) || []
  const views = (items: typeof from.items) => items.map(({ block: each }) => toJSON(each))
  return jsonAnswer({ links, linkedFrom: views(from.items), about: views(about.items) })
}

export async function blockHistory({ node, params, request }: Call): Promise<Answer> {
  const id = readBy(schemas.blockId, params['id'], 'id')
  const found = await node.client.history(id, { signal: request.signal })
  if (!found) throw new HttpProblem(404, 'not-found', `nothing is known of ${id}`)
  return jsonAnswer({ ...found, conflict: Boolean(found.conflict) })
}

export async function skyChart(call: Call): Promise<Answer> {
  const block = await blockOf(call)
  if (!('sky' in block) || !block.sky) throw new HttpProblem(404, 'not-found', 'this block carries no sky')
  const title = `${new Date(block.time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  // Foreign text stands in it: no script of it may run where it is shown.
  const headers = {
    'content-type': 'image/svg+xml',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  }
  return new Response(renderSkyChart(block.sky, { title }), { headers })
}
