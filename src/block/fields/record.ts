import type { CborMap, CborValue } from '../../base/index'
import { asMap, refuse, type Codec } from './codec'

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
 * A map with exactly the fields of a table, read into a frozen object. A key outside the table is `unknown-field`, a
 * required one that is absent `missing-field`.
 */
export function record<T extends object>(table: Table<T>): Codec<T> {
  const fields = Object.entries(table) as [string, Field<unknown>][]
  const keys = new Set(fields.map(([, field]) => field.key))
  return {
    read(value, path) {
      const map = asMap(value, path)
      refuseUnknown(map, keys, path)
      const out: Record<string, unknown> = {}
      for (const [name, field] of fields) {
        const element = map.get(field.key)
        if (element !== undefined) out[name] = field.codec.read(element, join(path, name))
        else if (!field.optional) refuse('missing-field', join(path, name))
      }
      return Object.freeze(out) as T
    },
    write(value, path) {
      if (typeof value !== 'object' || value === null) refuse('bad-type', path, { hint: 'an object' })
      return writeFields(fields, value as Record<string, unknown>, path)
    },
  }
}

function refuseUnknown(map: CborMap, keys: ReadonlySet<string>, path: string): void {
  // Cut, since the key is foreign text of any length.
  for (const key of map.keys()) if (!keys.has(key)) refuse('unknown-field', join(path, key.slice(0, 64)))
}

function writeFields(
  fields: readonly [string, Field<unknown>][],
  value: Record<string, unknown>,
  path: string,
): CborMap {
  const map = new Map<string, CborValue>()
  for (const [name, field] of fields) {
    const element = value[name]
    if (element !== undefined) map.set(field.key, field.codec.write(element, join(path, name)))
  }
  return map
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
