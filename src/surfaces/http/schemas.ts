import { z } from 'zod'

/** What may go over the wire, each way; the OpenAPI document is made of it, and requests are read by it. */

/** The schemas that the OpenAPI document names. A registry of our own: the global one is the application’s. */
export const api = z.registry<{ id: string; description?: string }>()

const text = z.string().min(1)
export const blockId = z
  .string()
  .regex(/^b[a-z2-7]{58}$/, 'a block id')
  .register(api, { id: 'BlockId' })
const did = z
  .string()
  .regex(/^did:key:z[1-9A-HJ-NP-Za-km-z]{1,100}$/, 'a did:key')
  .describe('A did:key.')
const time = z.int().describe('Milliseconds since the Unix epoch.')
const tags = z.array(text.max(128)).max(64)
const vector = z.array(z.number()).min(1).max(8_192)

/** The one JSON view of a block (docs/spec/block.schema.json); `bytes` is the signed envelope and carries everything. */
export const blockView = z
  .looseObject({ id: blockId, kind: text, author: did, time, bytes: z.base64url() })
  .register(api, { id: 'Block', description: 'The JSON view of a block; `bytes` is the signed envelope.' })

export const createBody = z
  .strictObject({
    text: text.max(262_144).optional().describe('Remembered with a vector by the node’s model.'),
    embedding: vector.optional().describe('A vector of `model`, instead of a text or beside it.'),
    model: text.max(256).optional(),
    tags: tags.optional(),
    links: z
      .array(z.strictObject({ relation: text, id: blockId }))
      .max(256)
      .optional(),
    supersedes: z.array(blockId).max(256).optional(),
    time: time.optional(),
    expires: time.optional(),
  })
  .register(api, {
    id: 'NewBlock',
    description: 'A block for this node to sign: a text, or an embedding and its model.',
  })

export const created = z
  .strictObject({
    id: blockId,
    reason: z
      .literal('not-admitted')
      .optional()
      .describe('Stored, and neither found nor read: the policy lacks `code`.'),
    code: text.optional(),
  })
  .register(api, { id: 'Created' })
export const deferred = z.strictObject({ id: blockId, reason: z.literal('deferred'), until: time }).register(api, {
  id: 'Deferred',
  description: 'Dated ahead of the node’s clock: it waits, and is judged at `until`.',
})

const page = z.coerce.number().int().min(1).max(1_000).default(100)
export const listQuery = z.strictObject({
  kind: text.optional(),
  author: did.optional(),
  model: text.optional(),
  tag: z.union([text, tags]).optional().describe('May be repeated: every one of them.'),
  since: z.coerce.number().int().optional().describe('Milliseconds, inclusive.'),
  until: z.coerce.number().int().optional().describe('Milliseconds, exclusive.'),
  newest: z.enum(['true', 'false']).default('true').describe('Newest first.'),
  ids: z.enum(['true', 'false']).default('false').describe('Only ids.'),
  limit: page,
  cursor: text.max(1_024).optional().describe('Where the page before ended.'),
})

export const blockPage = z
  .strictObject({ items: z.array(z.union([blockView, blockId])), cursor: text.optional() })
  .register(api, { id: 'Page' })

const where = z.strictObject({
  kind: text.optional(),
  author: did.optional(),
  model: text.optional(),
  tags: tags.optional(),
  since: time.optional(),
  until: time.optional(),
  near: z.strictObject({ latitude: z.number(), longitude: z.number(), radius: z.number() }).optional(),
})

export const searchBody = z
  .strictObject({
    text: text.max(262_144).optional(),
    vector: vector.optional(),
    like: blockId.optional().describe('What resembles this block.'),
    model: text.max(256).optional().describe('Of the vector.'),
    k: z.int().min(1).max(10_000).default(10),
    where: where.optional(),
    minScore: z.number().optional(),
    mode: z.enum(['exact', 'fast', 'auto']).optional(),
    versions: z.enum(['current', 'all']).optional(),
  })
  .register(api, { id: 'Search', description: 'One of text, vector and like.' })

export const verdict = z
  .looseObject({
    status: z.enum(['valid', 'deferred', 'invalid']),
    admitted: z.boolean().optional(),
    code: z.string().optional(),
    field: z.string().optional(),
    checks: z.array(
      z.looseObject({ name: z.string(), status: z.enum(['passed', 'failed', 'skipped']), detail: z.string() }),
    ),
    summary: z.string(),
  })
  .register(api, { id: 'Verdict' })

export const searchAnswer = z
  .strictObject({
    hits: z.array(z.looseObject({ block: blockView, score: z.number(), standard: z.number(), verdict })),
    report: z.looseObject({ model: z.string() }),
  })
  .register(api, { id: 'Hits' })

export const related = z
  .strictObject({
    links: z.array(z.strictObject({ relation: z.string(), id: z.string() })),
    linkedFrom: z.array(blockView),
    about: z.array(blockView),
  })
  .register(api, { id: 'Related' })

export const history = z
  .looseObject({
    versions: z.array(z.looseObject({ id: z.string(), state: z.enum(['held', 'retracted', 'missing']) })),
    heads: z.array(z.looseObject({ id: z.string() })),
    conflict: z.boolean(),
  })
  .register(api, { id: 'History' })

export const peer = z.looseObject({ peer: did, remote: z.string(), phase: z.string() }).register(api, { id: 'Peer' })
export const peers = z.strictObject({ items: z.array(peer) }).register(api, { id: 'Peers' })
export const peerBody = z.strictObject({
  address: text.max(2_048),
  peer: did.optional().describe('Whom to expect there.'),
  retry: z.boolean().optional().describe('Go on dialling when the first attempt fails, until it is deleted.'),
})
export const connected = z.strictObject({ peer: did }).register(api, { id: 'Connected' })
export const status = z
  .looseObject({ id: did, addresses: z.array(z.string()), models: z.array(z.string()) })
  .register(api, { id: 'Status' })
export const importReport = z
  .looseObject({ stored: z.int(), deferred: z.int(), refused: z.int() })
  .register(api, { id: 'ImportReport' })
export const exportReport = z
  .strictObject({
    blocks: z.int().describe('Written.'),
    missing: z.int().describe('Held, and not given: damaged, or erased meanwhile.'),
  })
  .register(api, { id: 'ExportReport', description: 'How an export ended whose every byte was sent.' })
export const rpcMessage = z
  .looseObject({ jsonrpc: z.literal('2.0') })
  .register(api, { id: 'RpcMessage', description: 'A message of the Model Context Protocol (JSON-RPC 2.0).' })
export const noQuery = z.strictObject({})
export const ready = z.strictObject({ status: z.literal('ready') }).register(api, { id: 'Ready' })

/** RFC 9457, with the library’s code and the field and limit that it names. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    field: z.string().optional(),
    limit: z.union([z.number(), z.string()]).optional(),
    instance: z.string().describe('The id of the request, which the log has too.'),
  })
  .register(api, { id: 'Problem', description: 'RFC 9457 problem details.' })
