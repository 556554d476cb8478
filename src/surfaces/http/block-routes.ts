import { BoundedMap, CosmicError } from '../../base/index'
import { createBlock, decodeBlock, type Block, type BlockFields } from '../../block/index'
import { HttpProblem } from './problem'
import { mediaTypeOf, readBy, readBytes, readJson, readQuery } from './read-body'
import type { Call } from './routes'
import * as schemas from './schemas'
import { jsonAnswer, textAnswer, WholeAnswer, type Answer } from './whole-answer'

const MAX_ENVELOPE = 262_144
const MAX_JSON = 1_048_576
/** A block never changes: its id is the hash of its bytes. But it can be withdrawn, so caches must ask again. */
const CACHE = 'private, max-age=0, must-revalidate'

export async function createBlockRoute({ node, request }: Call): Promise<Answer> {
  const block =
    mediaTypeOf(request) === 'application/cbor'
      ? await signedBlock(request)
      : await ownBlock(node, await readJson(request, schemas.createBody, MAX_JSON))
  const published = await node.client.publish(block)
  const status = published.reason === 'deferred' ? 202 : 201
  return jsonAnswer(published, { status, headers: { location: `/blocks/${published.id}` } })
}

async function signedBlock(request: Request): Promise<Block> {
  const block = decodeBlock(await readBytes(request, MAX_ENVELOPE))
  if (block.ok) return block.value
  const { code, field } = block.error
  throw new HttpProblem(code === 'too-large' ? 413 : 422, code, field === undefined ? code : `${code} at ${field}`)
}

async function ownBlock(node: Call['node'], body: ReturnType<typeof schemas.createBody.parse>): Promise<Block> {
  const { text, embedding, model, ...shared } = body
  const input = text === undefined ? undefined : ({ type: 'text', content: text } as const)
  if (embedding !== undefined) {
    if (model === undefined) throw new CosmicError({ code: 'no-model', field: 'model' })
    return createBlock(
      { ...shared, embedding: Float32Array.from(embedding), model, ...(input && { input }) } as BlockFields,
      node.signer,
    )
  }
  if (!input)
    throw new CosmicError({ code: 'missing-field', field: 'text', hint: 'a text, or an embedding and its model' })
  if (model !== undefined && model !== node.embedder?.modelId)
    throw new CosmicError({ code: 'no-embedder', field: 'model', hint: 'the node embeds texts by its own model' })
  if (!node.embedder) throw new CosmicError({ code: 'no-embedder', field: 'text' })
  return createBlock({ ...shared, embedder: node.embedder, input } as BlockFields, node.signer)
}

const BLOCK_ID = /^b[a-z2-7]{58}$/

/** The admitted block of a call; throws 404 without. */
export async function blockOf({ node, params }: Call): Promise<Block> {
  const given = params['id']!
  const id = BLOCK_ID.test(given) ? given : readBy(schemas.blockId, given, 'id')
  const block = await node.client.get(id)
  if (block) return block
  throw new HttpProblem(404, 'not-found', `no admitted block ${id} is here`)
}

export async function getBlock(call: Call): Promise<Answer> {
  const asCbor = prefersCbor(call.request.headers.get('accept') || '*/*')
  const block = await blockOf(call)
  const etag = `"${block.id}${asCbor ? '' : '.json'}"`
  const headers = { etag, vary: 'accept', 'cache-control': CACHE }
  if (matches(call.request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  if (!asCbor) return textAnswer(call.shown.block(block), { headers })
  const type = 'application/cbor'
  const body = block.bytes as Uint8Array<ArrayBuffer>
  return new WholeAnswer(body, { etag, vary: 'accept', 'cache-control': CACHE, 'content-type': type })
}

/** Of what clients have asked for: few say it in many ways. */
const preferences = new BoundedMap<boolean>(256)
const LONGEST = 256

/** Whether a client prefers CBOR to JSON. Throws when it takes neither. */
function prefersCbor(accept: string): boolean {
  const known = preferences.get(accept)
  if (known !== undefined) return known
  const { cbor, json } = qualities(accept)
  if (cbor === 0 && json === 0) throw new HttpProblem(406, 'not-acceptable', 'application/json or application/cbor')
  const asCbor = cbor > json
  if (accept.length <= LONGEST) preferences.set(accept, asCbor)
  return asCbor
}

/** What a client makes of either (RFC 9110 section 12.5.1): the most specific range that fits counts. */
function qualities(accept: string): { cbor: number; json: number } {
  const ranges = new Map<string, number>()
  for (const range of accept.split(',')) {
    const [type = '', ...terms] = range.split(';')
    const given = terms.map(term => /^\s*q=([\d.]+)\s*$/i.exec(term)?.[1]).find(each => each !== undefined)
    ranges.set(type.trim().toLowerCase(), Math.min(Number(given ?? 1) || 0, 1))
  }
  const of = (type: string) => ranges.get(type) ?? ranges.get('application/*') ?? ranges.get('*/*') ?? 0
  return { cbor: of('application/cbor'), json: of('application/json') }
}

function matches(header: string | null, etag: string): boolean {
  return (
    header !== null && header.split(',').some(each => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
  )
}

export async function listBlocks({ node, query, shown }: Call): Promise<Answer> {
  const { tag, newest, ids, ...rest } = readQuery(schemas.listQuery, query)
  const tags = tag === undefined ? undefined : [tag].flat()
  const given = Object.fromEntries(Object.entries({ ...rest, tags }).filter(([, value]) => value !== undefined))
  const asked = { ...given, reverse: newest === 'true' }
  if (ids === 'true') return jsonAnswer(await node.store.pageIds(asked))
  const { items, cursor } = await node.store.page(asked)
  const more = cursor === undefined ? '' : `,"cursor":${JSON.stringify(cursor)}`
  return textAnswer(`{"items":[${items.map(({ block }) => shown.block(block)).join(',')}]${more}}`)
}

export async function validateBlock(call: Call): Promise<Answer> {
  const id = readBy(schemas.blockId, call.params['id'], 'id')
  const stored = await call.node.store.get(id)
  if (!stored) throw new HttpProblem(404, 'not-found', `no block ${id} is here`)
  const verdict = await call.node.validator.validate(stored.block.bytes)
  const { block: _, ...shown } = verdict as typeof verdict & { block?: Block }
  return jsonAnswer(shown)
}
