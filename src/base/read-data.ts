import { CosmicError, type ErrorCode } from './errors'

/** Reads one value of plain data that a user wrote, by the path that a refusal names. */
export type Read<T> = (value: unknown, path: string) => T
type Fields = Readonly<Record<string, unknown>>

/** Reads an object that has these fields and no others. */
export function record<T extends object>(
  table: { [K in keyof T]-?: Read<T[K]> },
  ...required: (keyof T & string)[]
): Read<T> {
  const known = Object.keys(table) as (keyof T & string)[]
  return (value, path) => {
    const given = fields(value, path)
    const at = (name: string) => (path === '' ? name : `${path}.${name}`)
    for (const name of Object.keys(given)) {
      if (!known.includes(name as never)) refuse('unknown-field', at(name), nearestName(name, known))
    }
    const out: Partial<T> = {}
    for (const name of known) {
      if (given[name] !== undefined) out[name] = table[name](given[name], at(name))
      else if (required.includes(name)) refuse('missing-field', at(name))
    }
    return Object.freeze(out as T)
  }
}

/** Reads a list of at most so many. */
export function list<T>(read: Read<T>, most: number): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuse('bad-type', path, 'a list')
    if (value.length > most) throw new CosmicError({ code: 'limit', field: path, limit: most })
    return Object.freeze(value.map((item, i) => read(item, `${path}[${i}]`)))
  }
}

export const text: Read<string> = (value, path) =>
  typeof value === 'string' ? value : refuse('bad-type', path, 'a text')
export const flag: Read<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse('bad-type', path, 'true or false')
/** A finite number from 0 on. */
export const milliseconds: Read<number> = (value, path) => number(value, path, 0, 'milliseconds')
/** A whole number from 1 on. */
export const count: Read<number> = (value, path) =>
  Number.isInteger(value) ? number(value, path, 1, 'a count') : refuse('bad-type', path, 'a whole number')

function number(value: unknown, path: string, least: number, hint: string): number {
  if (typeof value !== 'number') return refuse('bad-type', path, hint)
  if (value >= least && value < Infinity) return value
  throw new CosmicError({ code: 'out-of-range', field: path, limit: `${least} … finite` })
}

export function fields(value: unknown, path: string): Fields {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value)
  return plain ? (value as Fields) : refuse('bad-type', path, 'an object')
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
