import { anything, count, func, list, offset, record, text, type Read } from '../../base/index'
import type { HttpToken } from './access'
import type { HttpOptions } from './http-handler'
import type { ServeOptions } from './serve-http'

const MAX_ITEMS = 10_000
const names = list(text, MAX_ITEMS)
const namesOrAny: Read<readonly string[] | '*'> = (value, path) => (value === '*' ? value : names(value, path))
const scopes = list<HttpToken['scopes'][number]>(anything, MAX_ITEMS)

const HTTP_OPTIONS = {
  // Whose values `Access` and `RateLimits` judge.
  tokens: list(record<HttpToken>({ token: anything, scopes }, 'scopes'), MAX_ITEMS),
  requestsPerSecond: anything,
  origins: namesOrAny,
  hosts: namesOrAny,
  figures: func,
  mcp: func,
  sync: func,
  around: func,
  onAnswer: func,
}

/** Throws `bad-type`, `unknown-field`, `limit` or `missing-field` with the field. */
export const readHttpOptions = record<HttpOptions>(HTTP_OPTIONS)
/** The same for a server's. */
export const readServeOptions = record<ServeOptions>({
  ...HTTP_OPTIONS,
  port: offset,
  host: text,
  maxConnections: count,
  onBroken: func,
})
