import { CosmicError } from '../../base/index'

/** What is masked, wherever it stands. */
const MASK = '***'
/** Names of fields whose values are nobody's business. */
const SECRET = /pass(word|phrase)|secret|token|credential|authorization|cookie|seed|phrase$|private|api-?key|^key$/i
/** Name and password in a URL (RFC 3986, section 3.2.1). */
const USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi
/** A value in the query of a URL, by a name that says what it is. */
const QUERY =
  /([?&](?:[\w.-]*[._-])?(?:api)?(?:key|token|secret|sig|signature|password|auth|credential)s?=)[^&#\s"']+/gi
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi

const MAX_DEPTH = 6
const MAX_ITEMS = 100
const MAX_TEXT = 2_000

/**
 * The same as plain data that may be written down: without secrets, bytes as their number, errors as what they say, nothing
 * endless. Never throws.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '…'
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof Error) return ofError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(each => redact(each, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, each]) => [name, SECRET.test(name) && isGiven(each) ? MASK : redact(each, depth + 1)]),
  )
}

/** Without names and passwords in URLs, and keys in their queries. */
export const withoutSecrets = (text: string) => text.replace(USERINFO, `$1${MASK}@`).replace(QUERY, `$1${MASK}`)

export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text
  return withoutSecrets(short).replace(BEARER, `$1 ${MASK}`)
}

const isGiven = (value: unknown) => value !== undefined && value !== null && typeof value !== 'boolean'

/** A refusal needs no stack: its code says what it is. */
function ofError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error
  if (error instanceof CosmicError) {
    const { code, field, limit, hint } = error
    return redact({ name, code, message, field, limit, hint }, depth + 1) as Record<string, unknown>
  }
  return redact({ name, message, stack, ...(cause !== undefined && { cause }) }, depth + 1) as Record<string, unknown>
}
