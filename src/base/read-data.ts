import { CosmicError, type ErrorCode } from './errors'
import type { Random } from './ports'

/** Reads one value of plain data that a user wrote, by the path that a refusal names. */
export type Read<T> = (value: unknown, path: string) => T
type Fields = Readonly<Record<string, unknown>>

/** Reads an object that has these fields and no others. What has no path is called `options` when it is no object. */
export function record<T extends object>(
  table: { [K in keyof T]-?: Read<T[K]> },
  ...required: (keyof T & string)[]
): Read<T> {
  const known = Object.keys(table) as (keyof T & string)[]
  return (value, path) => {
    const given = fields(value, path || 'options')
    checkNames(given, known, path)
    const out: Partial<T> = {}
    for (const name of known) {
      if (given[name] !== undefined) out[name] = table[name](given[name], at(path, name))
      else if (required.includes(name)) refuse('missing-field', at(path, name))
    }
    return Object.freeze(out as T)
  }
}

/** Throws `unknown-field` for the first field that is not among the known ones. */
export function checkNames(given: object, known: readonly string[], path = ''): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) refuse('unknown-field', at(path, name), nearestName(name, known))
  }
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Reads a list of at most so many. */
export function list<T>(read: Read<T>, most: number): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuse('bad-type', path, 'a list')
    if (value.length > most) throw new CosmicError({ code: 'limit', field: path, limit: most })
    // Holes are read, too.
    return Object.freeze(Array.from(value, (item, i) => read(item, `${path}[${i}]`)))
  }
}

/** Reads what passes; `hint` says what that is. */
export const such =
  <T>(holds: (value: T) => boolean, hint: string): Read<T> =>
  (value, path) =>
    holds(value as T) ? (value as T) : refuse('bad-type', path, hint)

/** Reads what has these methods. */
export const having = <T>(hint: string, ...methods: readonly string[]): Read<T> =>
  such<T>(value => isObject(value) && methods.every(name => typeof value[name] === 'function'), hint)

/** Reads one of these words. */
export const oneOf =
  <T>(...words: readonly T[]): Read<T> =>
  (value, path) =>
    words.includes(value as T) ? (value as T) : refuse('bad-value', path, `one of ${words.join(', ')}`)

export const text = /* @__PURE__ */ such<string>(value => typeof value === 'string', 'a text')
export const flag = /* @__PURE__ */ such<boolean>(value => typeof value === 'boolean', 'true or false')
export const func = /* @__PURE__ */ such<never>(value => typeof value === 'function', 'a function')
export const abortSignal = /* @__PURE__ */ such<AbortSignal>(
  value => isObject(value) && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function',
  'an AbortSignal',
)
export const binary = /* @__PURE__ */ such<Uint8Array>(value => value instanceof Uint8Array, 'a Uint8Array')
export const randomPort = /* @__PURE__ */ having<Random>('{ bytes() }', 'bytes')
/** Whatever it is: somebody else judges it. */
export const anything: Read<never> = value => value as never
/** A finite number from 0 on. */
export const milliseconds: Read<number> = (value, path) => number(value, path, 0, 'milliseconds')
/** A finite number above 0. */
export const positive: Read<number> = (value, path) =>
  milliseconds(value, path) || refuse('out-of-range', path, 'above 0')
/** A whole number from 1 on. */
export const count: Read<number> = (value, path) => whole(value, path, 1)
/** A whole number from 0 on. */
export const offset: Read<number> = (value, path) => whole(value, path, 0)

function whole(value: unknown, path: string, least: number): number {
  return Number.isInteger(value) ? number(value, path, least, '') : refuse('bad-type', path, 'a whole number')
}

function number(value: unknown, path: string, least: number, hint: string): number {
  if (typeof value !== 'number') return refuse('bad-type', path, hint)
  if (value >= least && value < Infinity) return value
  throw new CosmicError({ code: 'out-of-range', field: path, limit: `${least} … finite` })
}

export function fields(value: unknown, path: string): Fields {
  return isObject(value) && !Array.isArray(value) ? value : refuse('bad-type', path, 'an object')
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** For a hint: the known name that begins or ends most alike, or all of them. */
export function nearestName(name: string, known: readonly string[]): string {
  const alike = (other: string) => {
    const [a, b] = [name.toLowerCase(), other.toLowerCase()]
    let [start, end] = [0, 0]
    while (start < a.length && a[start] === b[start]) start++
    while (end < a.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
    return (start + end) / Math.max(a.length, b.length)
  }
  const [best] = [...known].sort((a, b) => alike(b) - alike(a))
  return best !== undefined && alike(best) >= 0.5 ? `did you mean ${best}?` : `one of ${known.join(', ')}`
}

export function refuse(code: ErrorCode, field: string, hint?: string): never {
  throw new CosmicError({ code, field, ...(hint !== undefined && { hint }) })
}
