import { CosmicError, type ErrorCode } from '../../base/index'
import { WholeAnswer } from './whole-answer'

/** A refusal of the HTTP layer itself. */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'too-large': 413,
  limit: 429,
  'not-author': 403,
  retracted: 410,
  pruned: 410,
  expired: 410,
  'below-floor': 410,
  'no-embedder': 422,
  'no-model': 422,
  'bad-signature': 422,
  'sky-mismatch': 422,
  'time-future': 422,
  contested: 409,
  'no-recovery': 409,
  'bad-cursor': 400,
  'stale-cursor': 410,
  storage: 503,
  closed: 503,
  worker: 503,
  embedder: 502,
  unreachable: 502,
  handshake: 502,
  timeout: 504,
  'peer-gone': 502,
  'missing-peer': 501,
  aborted: 499,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  408: 'Timed out',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Refused',
  429: 'Too much',
  431: 'Too large',
  499: 'Stopped',
  500: 'Internal error',
  501: 'Not implemented',
  502: 'Upstream failed',
  503: 'Unavailable',
  504: 'Upstream timed out',
}

/** The problem document of whatever was thrown; what is not ours to tell is not told. */
export function problemAnswer(error: unknown, requestId: string): WholeAnswer {
  const { status, headers, ...facts } = factsOf(error)
  const body = {
    type: `urn:cosmic-embeddings:problem:${facts.code}`,
    title: TITLES[status] ?? 'Error',
    status,
    ...facts,
    instance: `urn:request:${requestId}`,
  }
  const fixed = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return new WholeAnswer(JSON.stringify(body), { ...fixed, ...headers }, status)
}

function factsOf(error: unknown): {
  status: number
  code: string
  detail: string
  field?: string
  limit?: number | string
  headers: Readonly<Record<string, string>>
} {
  if (error instanceof HttpProblem) {
    const { status, code, message, headers } = error
    return { status, code, detail: message, headers }
  }
  if (!(error instanceof CosmicError)) {
    return { status: 500, code: 'internal', detail: 'The node failed; its log has the reason.', headers: {} }
  }
  const { code, message, hint, field, limit } = error
  const detail = hint === undefined || message.includes(hint) ? message : `${message} (${hint})`
  return {
    status: STATUS[code] ?? 400,
    code,
    detail,
    ...(field !== undefined && { field }),
    ...(limit !== undefined && { limit }),
    headers: code === 'limit' ? { 'retry-after': '1' } : {},
  }
}
