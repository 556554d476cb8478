import { fail, ok, type CborValue, type Result } from '../base/index'
import { isCount, isExtension, isKind, isListOf, isText, isTime, malformed } from './message-fields'
import { SESSION_LIMITS, SESSION_VERSION } from './session-limits'
import type { Hello } from './session-messages'

/** Of another version only the number is read: what follows may be of another shape. */
export function readHello(fields: readonly CborValue[]): Result<Hello> {
  const [version, maxMessage, window, items, kinds, software, floor, ceiling, ...more] = fields
  if (!isCount(version)) return fail(malformed('hello.version', 'bad-type'))
  if (version !== SESSION_VERSION) return fail({ code: 'version', field: 'hello.version', limit: SESSION_VERSION })
  if (!isCount(maxMessage) || maxMessage < SESSION_LIMITS.message)
    return fail(malformed('hello.maxMessage', 'out-of-range'))
  const { minWindow, maxWindow, minItems, maxItems } = SESSION_LIMITS
  if (!isCount(window, maxWindow) || window < minWindow) return fail(malformed('hello.window', 'out-of-range'))
  if (!isCount(items, maxItems) || items < minItems) return fail(malformed('hello.items', 'out-of-range'))
  if (!isListOf(kinds, isKind, SESSION_LIMITS.kinds, 0)) return fail(malformed('hello.kinds', 'bad-value'))
  if (!isText(software, SESSION_LIMITS.softwareBytes)) return fail(malformed('hello.software', 'bad-value'))
  if (!isTime(floor)) return fail(malformed('hello.floor', 'out-of-range'))
  if (!isTime(ceiling) || ceiling < floor) return fail(malformed('hello.ceiling', 'out-of-range'))
  const [extensions, ...rest] = more
  if (rest.length > 0) return fail(malformed('hello', 'trailing-bytes'))
  if (extensions !== undefined && !isListOf(extensions, isExtension, SESSION_LIMITS.extensions))
    return fail(malformed('hello.extensions', 'bad-value'))
  const supported = kinds.map(([version, kind]) => ({ version, kind }))
  const hello = { maxMessage, window, items, kinds: supported, software, floor, ceiling }
  return ok({ type: 'hello', ...hello, ...(extensions && { extensions }) })
}
