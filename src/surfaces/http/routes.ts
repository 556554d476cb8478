import type { z } from 'zod'
import type { BoundedMap } from '../../base/index'
import type { Scope } from './access'
import type { ExportReport } from './client-types'
import type { EventStreams } from './event-stream'
import type { Metrics } from './metrics'
import type { HttpNode } from './node'
import { HttpProblem } from './problem'
import * as schemas from './schemas'
import type { ShownBlocks } from './shown-blocks'
import type { Answer } from './whole-answer'
import { createBlockRoute, getBlock, listBlocks, validateBlock } from './block-routes'
import { blockHistory, relatedBlocks, searchBlocks, skyChart } from './read-routes'
import {
  addPeer,
  dropPeer,
  exportBlocks,
  exportEnd,
  importBlocks,
  listPeers,
  nodeStatus,
  readiness,
} from './node-routes'

/** What a route is given. */
export interface Call {
  readonly node: HttpNode
  readonly request: Request
  /** Of the request, as the answer's `X-Request-Id` has it. */
  readonly id: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | string[]>>
  readonly events: EventStreams
  readonly metrics: Metrics
  readonly shown: ShownBlocks
  /** How exports ended, by the ids of their requests. */
  readonly exports: BoundedMap<ExportReport>
  readonly endpoints: { readonly mcp?: Endpoint; readonly sync?: Endpoint }
  readonly permits: (scope: Scope) => boolean
}

/** Something that is served beside the API, under its rules of who may call. */
export type Endpoint = (request: Request, permits: (scope: Scope) => boolean) => Promise<Response>

/** One route: how it is served, and what the OpenAPI document says of it. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete'
  /** As OpenAPI writes it. */
  readonly path: string
  readonly summary: string
  /** Absent: anyone may ask; `any`: whoever has a token. */
  readonly scope?: Scope | 'any'
  /** `false`: has limits of its own. */
  readonly isPaced?: boolean
  readonly query?: z.ZodObject
  /** By media type; `undefined` for bytes. */
  readonly body?: Readonly<Record<string, z.ZodType | undefined>>
  /** The answer that is no problem, by media type. */
  readonly answer: { readonly status: number; readonly content: Readonly<Record<string, z.ZodType | undefined>> }
  /** Another answer that is no problem, such as for what is not done yet. */
  readonly otherwise?: Route['answer']
  /** Statuses of problems beside 400, 401, 403, 429 and 500. */
  readonly problems?: readonly number[]
  readonly handle: (call: Call) => Answer | Promise<Answer>
}

const JSON_TYPE = 'application/json'
const CBOR = 'application/cbor'
const CAR = 'application/vnd.ipld.car'
const json = (status: number, schema: z.ZodType) => ({ status, content: { [JSON_TYPE]: schema } })

export const ROUTES: readonly Route[] = [
  {
    ...{ method: 'post', path: '/blocks', summary: 'Store a signed block, or have this node sign one', scope: 'write' },
    body: { [JSON_TYPE]: schemas.createBody, [CBOR]: undefined },
    answer: json(201, schemas.created),
    otherwise: json(202, schemas.deferred),
    problems: [409, 410, 413, 415, 422, 503],
    handle: createBlockRoute,
  },
  {
    ...{ method: 'get', path: '/blocks', summary: 'List blocks in order of time', scope: 'read' },
    query: schemas.listQuery,
    answer: json(200, schemas.blockPage),
    handle: listBlocks,
  },
  {
    ...{ method: 'get', path: '/blocks/{id}', summary: 'A block, as CBOR or JSON', scope: 'read' },
    answer: { status: 200, content: { [JSON_TYPE]: schemas.blockView, [CBOR]: undefined } },
    problems: [404, 406],
    handle: getBlock,
  },
  {
    ...{
      method: 'get',
      path: '/blocks/{id}/related',
      summary: 'What a block links to, what links to it, and what stands about it',
    },
    scope: 'read',
    answer: json(200, schemas.related),
    problems: [404],
    handle: relatedBlocks,
  },
  {
    ...{ method: 'get', path: '/blocks/{id}/history', summary: 'The versions of a block', scope: 'read' },
    answer: json(200, schemas.history),
    problems: [404],
    handle: blockHistory,
  },
  {
    ...{ method: 'post', path: '/blocks/{id}/validate', summary: 'Judge a stored block anew', scope: 'read' },
    answer: json(200, schemas.verdict),
    problems: [404],
    handle: validateBlock,
  },
  {
    ...{
      method: 'get',
      path: '/blocks/{id}/sky.svg',
      summary: 'The sky that a block carries, as a chart',
      scope: 'read',
    },
    answer: { status: 200, content: { 'image/svg+xml': undefined } },
    problems: [404],
    handle: skyChart,
  },
  {
    ...{ method: 'post', path: '/search', summary: 'Find blocks by meaning', scope: 'search' },
    body: { [JSON_TYPE]: schemas.searchBody },
    answer: json(200, schemas.searchAnswer),
    problems: [404, 413, 415, 422],
    handle: searchBlocks,
  },
  {
    ...{ method: 'get', path: '/peers', summary: 'Connected peers', scope: 'read' },
    answer: json(200, schemas.peers),
    handle: listPeers,
  },
  {
    ...{ method: 'post', path: '/peers', summary: 'Connect to a peer and stay connected', scope: 'admin' },
    body: { [JSON_TYPE]: schemas.peerBody },
    answer: json(201, schemas.connected),
    problems: [413, 415, 502, 504],
    handle: addPeer,
  },
  {
    ...{ method: 'delete', path: '/peers/{id}', summary: 'Disconnect a peer (did:key or address)', scope: 'admin' },
    answer: { status: 204, content: {} },
    handle: dropPeer,
  },
  {
    ...{ method: 'get', path: '/status', summary: 'What this node is doing', scope: 'read' },
    answer: json(200, schemas.status),
    handle: nodeStatus,
  },
  {
    ...{ method: 'get', path: '/events', summary: 'What happens here, as server-sent events', scope: 'read' },
    answer: { status: 200, content: { 'text/event-stream': undefined } },
    problems: [503],
    handle: ({ events, request }) => events.open(request.signal),
  },
  {
    ...{ method: 'get', path: '/export', summary: 'All stored blocks as a CAR archive', scope: 'read' },
    answer: { status: 200, content: { [CAR]: undefined } },
    problems: [503],
    handle: exportBlocks,
  },
  {
    ...{ method: 'get', path: '/exports/{id}', summary: 'How an export ended, by its X-Request-Id', scope: 'read' },
    answer: json(200, schemas.exportReport),
    problems: [404],
    handle: exportEnd,
  },
  {
    ...{ method: 'post', path: '/import', summary: 'Verify and store the blocks of a CAR archive', scope: 'write' },
    body: { [CAR]: undefined },
    answer: json(200, schemas.importReport),
    problems: [415, 503],
    handle: importBlocks,
  },
  {
    ...{ method: 'get', path: '/metrics', summary: 'Figures for Prometheus', scope: 'read' },
    answer: { status: 200, content: { 'text/plain': undefined } },
    handle: async ({ metrics, node }) =>
      new Response(await metrics.text(node), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
  },
  {
    ...{ method: 'post', path: '/mcp', summary: 'The Model Context Protocol, over streamable HTTP without sessions' },
    scope: 'any',
    body: { [JSON_TYPE]: schemas.rpcMessage },
    answer: json(200, schemas.rpcMessage),
    problems: [404, 413, 415, 501],
    handle: ({ endpoints, request, permits }) => served(endpoints.mcp, request, permits),
  },
  {
    ...{ method: 'post', path: '/sync', summary: 'HTTP as a transport of peers: a session, or frames in one' },
    isPaced: false,
    body: { 'application/octet-stream': undefined },
    answer: { status: 200, content: { 'text/event-stream': undefined } },
    problems: [404, 409, 413, 415, 503],
    handle: ({ endpoints, request, permits }) => served(endpoints.sync, request, permits),
  },
  {
    ...{ method: 'delete', path: '/sync', summary: 'Ends a session of a peer' },
    isPaced: false,
    answer: { status: 204, content: {} },
    problems: [404],
    handle: ({ endpoints, request, permits }) => served(endpoints.sync, request, permits),
  },
  {
    ...{ method: 'get', path: '/healthz', summary: 'Whether the process answers' },
    answer: { status: 200, content: { 'text/plain': undefined } },
    handle: () => new Response('ok\n', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  },
  {
    ...{ method: 'get', path: '/readyz', summary: 'Whether the store answers and the search index is loaded' },
    answer: json(200, schemas.ready),
    problems: [503],
    handle: readiness,
  },
]

/** A problem that an endpoint answers becomes one of this API, with the id of the request. */
async function served(endpoint: Endpoint | undefined, request: Request, permits: Call['permits']): Promise<Response> {
  if (!endpoint) throw new HttpProblem(404, 'not-found', 'this node does not serve it')
  const response = await endpoint(request, permits)
  const { status, headers } = response
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return response
  const { code, detail } = (await response.json()) as { code: string; detail: string }
  const kept = [...headers].filter(([name]) => name === 'retry-after' || name === 'allow')
  throw new HttpProblem(status, code, detail, Object.fromEntries(kept))
}
