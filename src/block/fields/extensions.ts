import { Cid, type CborMap, type CborValue } from '../../base/index'
import { LIMITS } from '../limits'
import { asMap, refuse, shownKey, text, type Codec } from './codec'

/** `namespace/name`; the namespace is a domain or project name that its users agree on. */
const extensionName = text(128, /^[a-z0-9][a-z0-9.-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/)

/** Namespaced values of any shape that the canonical form allows, block ids excepted: those belong in `links`. */
export const extensions: Codec<Readonly<Record<string, unknown>>> = {
  read(value, path) {
    const map = asMap(value, path)
    if (map.size === 0) refuse('bad-value', path, { hint: 'not empty; leave the field out' })
    if (map.size > LIMITS.extensions) refuse('too-large', path, { limit: LIMITS.extensions })
    for (const key of map.keys()) extensionName.read(key, `${path}.${shownKey(key)}`)
    return toObject(map, path)
  },
  write: (value, path) => fromJs(value, path, 0) as CborMap,
}

function toJs(value: CborValue, path: string): unknown {
  if (value instanceof Cid) refuse('bad-type', path, { hint: 'block ids belong in links' })
  if (Array.isArray(value)) return Object.freeze(value.map((item: CborValue) => toJs(item, path)))
  return value instanceof Map ? toObject(value as CborMap, path) : value
}

/** Without a prototype and by definition, so that a key such as `__proto__` is data like any other. */
function toObject(map: CborMap, path: string): Readonly<Record<string, unknown>> {
  const out = Object.create(null) as Record<string, unknown>
  for (const [key, value] of map) Object.defineProperty(out, key, { value: toJs(value, path), enumerable: true })
  return Object.freeze(out)
}

/** Objects become maps; the depth bound also ends cycles. */
function fromJs(value: unknown, path: string, depth: number): CborValue {
  if (depth > LIMITS.depth) refuse('too-deep', path, { limit: LIMITS.depth })
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return leaf(value, path)
  if (Array.isArray(value)) return value.map(item => fromJs(item, path, depth + 1))
  if (value instanceof Cid) refuse('bad-type', path, { hint: 'block ids belong in links' })
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value)
  return new Map(entries.map(([key, item]) => [String(key), fromJs(item, path, depth + 1)]))
}

function leaf(value: unknown, path: string): CborValue {
  const isInteger = Number.isSafeInteger(value)
  if (typeof value === 'number' && !isInteger) refuse('float', path, { hint: 'safe integers only' })
  if (value === null || isInteger || typeof value === 'string' || typeof value === 'boolean') return value as CborValue
  if (value instanceof Uint8Array) return value
  return refuse('bad-type', path, { hint: 'text, integer, boolean, null, bytes, array or map' })
}
