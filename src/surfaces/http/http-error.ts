import type { Failure } from '../../base/index'

/** An answer that is a problem (RFC 9457), or none that this API gives. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** The library’s code, such as `bad-signature`, or the API’s own, such as `scope`; `unknown` of what is no problem document. */
  readonly code: string
  readonly field?: string
  readonly limit?: number | string

  constructor(status: number, problem: Partial<Omit<Failure, 'code'>> & { code?: string; detail?: string } = {}) {
    super(problem.detail ?? `the node answered ${status}`)
    this.status = status
    this.code = problem.code ?? 'unknown'
    if (problem.field !== undefined) this.field = problem.field
    if (problem.limit !== undefined) this.limit = problem.limit
  }
}

/** Of a body that claims to be a problem: what is not as the document has it is left out. */
export function problemOf(status: number, body: unknown): HttpError {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const { code, detail, field, limit } = given
  return new HttpError(status, {
    ...(typeof code === 'string' && { code }),
    ...(typeof detail === 'string' && { detail }),
    ...(typeof field === 'string' && { field }),
    ...((typeof limit === 'string' || typeof limit === 'number') && { limit }),
  })
}
