import type { CborValue } from '../../base/index'
import { asMap, refuse, shownKey, type Codec } from './codec'

/** One entry of a record: its key on the wire, its codec, and whether it may be absent. */
export interface Field<T> {
  readonly key: string
  readonly codec: Codec<T>
  readonly optional: boolean
}

type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** The table of a record of type `T`: every property of the API object, in any order. */
export type Table<T> = {
  readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> & {
    readonly optional: K extends OptionalKeys<T> ? true : false
  }
}

/** A field that must be there. */
export function required<T>(key: string, codec: Codec<T>): Field<T> & { readonly optional: false } {
  return { key, codec, optional: false }
}

/** A field that may be absent. */
export function optional<T>(key: string, codec: Codec<T>): Field<T> & { readonly optional: true } {
  return { key, codec, optional: true }
}

/**
 * A map with exactly the fields of a table, read into a frozen object. A key outside the table is `unknown-field` unless
 * `isElsewhere` says that another record reads it, a required one that is absent `missing-field`.
 */
export function record<T extends object>(
  table: Table<T>,
  isElsewhere: (key: string) => boolean = () => false,
): Codec<T> {
  const fields = Object.entries<Field<unknown>>(table).map(([name, field]) => ({ name, ...field }))
  const keys = new Set(fields.map(field => field.key))
  return {
    read(value, path) {
      const map = asMap(value, path)
      for (const key of map.keys()) {
        if (!keys.has(key) && !isElsewhere(key)) refuse('unknown-field', join(path, shownKey(key)))
      }
      const out: Record<string, unknown> = {}
      for (const { name, key, codec, optional } of fields) {
        const element = map.get(key)
        if (element !== undefined) out[name] = codec.read(element, join(path, name))
        else if (!optional) refuse('missing-field', join(path, name))
      }
      return Object.freeze(out) as T
    },
    write(value, path) {
      if (typeof value !== 'object' || value === null) refuse('bad-type', path, { hint: 'an object' })
      const map = new Map<string, CborValue>()
      for (const { name, key, codec } of fields) {
        const element = (value as Record<string, unknown>)[name]
        if (element !== undefined) map.set(key, codec.write(element, join(path, name)))
      }
      return map
    },
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
