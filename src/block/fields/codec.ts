import { Cid, CosmicError, utf8, type CborMap, type CborValue, type Failure } from '../../base/index'

/**
 * How one value stands on the wire. `read` judges: it throws a `CosmicError` with the field's path at the first fault.
 * `write` changes units and shapes and refuses only what has no wire form; `read` judges what it writes before it is signed.
 */
export interface Codec<T> {
  read(value: CborValue, path: string): T
  write(value: T, path: string): CborValue
}

/** A refusal at a field. */
export function refuse(code: Failure['code'], field: string, facts: Omit<Failure, 'code' | 'field'> = {}): never {
  throw new CosmicError({ code, field, ...facts })
}

/** What cannot be shown in a line: control characters, marks that turn the direction of writing, halves of characters. */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}]/gu

/** A foreign key as the path of a refusal shows it: of any length, it could forge lines in the reader's log. */
export function shownKey(key: string): string {
  return key.slice(0, 64).replaceAll(UNSHOWN, '\uFFFD')
}

/** A safe integer within bounds. */
export function integer(smallest: number, largest: number): Codec<number> {
  return {
    read(value, path) {
      if (typeof value !== 'number') refuse('bad-type', path, { hint: 'an integer' })
      if (value < smallest || value > largest) refuse('out-of-range', path, { limit: `${smallest} … ${largest}` })
      return value
    },
    write: asInteger,
  }
}

/** A number in API units that is carried as an integer `perUnit` times as large; the bounds are in API units. */
export function scaled(perUnit: number, smallest: number, largest: number): Codec<number> {
  const bounds = `${smallest} … ${largest}`
  return {
    read(value, path) {
      if (typeof value !== 'number') refuse('bad-type', path, { hint: 'an integer' })
      if (value < smallest * perUnit || value > largest * perUnit) refuse('out-of-range', path, { limit: bounds })
      return value / perUnit
    },
    write(value, path) {
      // Which would be counted as a number: null as 0.
      if (typeof value !== 'number') refuse('bad-type', path, { hint: 'a number' })
      return asInteger(Math.round(value * perUnit), path)
    },
  }
}

function asInteger(value: number, path: string): number {
  if (!Number.isFinite(value)) refuse('non-finite', path)
  if (!Number.isSafeInteger(value)) refuse('bad-type', path, { hint: 'an integer' })
  return value
}

/** Text of 1 … `maxBytes` UTF-8 bytes, of one form when a pattern is given. */
export function text(maxBytes: number, pattern?: RegExp): Codec<string> {
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('bad-type', path, { hint: 'text' })
      if (value === '') refuse('bad-value', path, { hint: 'not empty' })
      if (isLonger(value, maxBytes)) refuse('too-large', path, { limit: maxBytes })
      if (pattern?.test(value) === false) refuse('bad-value', path, { hint: `must match ${pattern.source}` })
      return value
    },
    write: value => value,
  }
}

/** Counts bytes only where the number of UTF-16 units, each one to three bytes of UTF-8, leaves it open. */
function isLonger(value: string, maxBytes: number): boolean {
  return value.length > maxBytes || (value.length * 3 > maxBytes && utf8(value).length > maxBytes)
}

/** A byte string of exactly `length` bytes. */
export function bytes(length: number): Codec<Uint8Array> {
  return withCheck(byteString, (value, path) => {
    if (value.length !== length) refuse('wrong-length', path, { limit: length })
  })
}

/** A byte string whose length another field decides. */
export const byteString: Codec<Uint8Array> = {
  read(value, path) {
    if (!(value instanceof Uint8Array)) refuse('bad-type', path, { hint: 'bytes' })
    return value
  },
  write: value => value,
}

/** One of a closed set of texts. */
export function oneOf<T extends string>(...choices: readonly T[]): Codec<T> {
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('bad-type', path, { hint: 'text' })
      if (!choices.includes(value as T)) refuse('bad-value', path, { hint: choices.join(', ') })
      return value as T
    },
    write: value => value,
  }
}

/** A block id: tag 42 on the wire, base32 text in the API. */
export const blockId: Codec<string> = {
  read(value, path) {
    if (!(value instanceof Cid)) refuse('bad-type', path, { hint: 'a CID' })
    return value.toString()
  },
  write(value, path) {
    const read = Cid.parse(value)
    return read.ok ? read.value : refuse('bad-cid', path)
  },
}

/** Most lists have a few items, which are sooner compared with each other. */
const FEW = 4

function repeats<T>(items: readonly T[], identify: (item: T) => string): boolean {
  if (items.length < 2) return false
  const names = items.map(identify)
  if (items.length > FEW) return new Set(names).size !== items.length
  return names.some((name, i) => names.indexOf(name) !== i)
}

/** A list of 1 … `maxItems` items without repetition: an empty list is written by leaving the field out. */
export function list<T>(item: Codec<T>, maxItems: number, identify: (item: T) => string): Codec<readonly T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) refuse('bad-type', path, { hint: 'an array' })
      if (value.length === 0) refuse('bad-value', path, { hint: 'not empty; leave the field out' })
      if (value.length > maxItems) refuse('too-large', path, { limit: maxItems })
      const items = value.map((element: CborValue, i) => item.read(element, `${path}[${i}]`))
      if (repeats(items, identify)) refuse('bad-value', path, { hint: 'no repetitions' })
      return Object.freeze(items)
    },
    write(items, path) {
      if (!Array.isArray(items)) refuse('bad-type', path, { hint: 'an array' })
      return items.map((element: T, i) => item.write(element, `${path}[${i}]`))
    },
  }
}

/** The same codec with a rule more. */
export function withCheck<T>(codec: Codec<T>, check: (value: T, path: string) => void): Codec<T> {
  return {
    read(value, path) {
      const read = codec.read(value, path)
      check(read, path)
      return read
    },
    write: (value, path) => codec.write(value, path),
  }
}

/** The value as a map, or a refusal. */
export function asMap(value: CborValue, path: string): CborMap {
  if (!(value instanceof Map)) refuse('bad-type', path, { hint: 'a map' })
  return value
}
