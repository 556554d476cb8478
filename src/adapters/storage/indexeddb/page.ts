import { CosmicError } from '../../../base/index'

/** An entry with its key as a string of bytes, one a character: such strings compare as the bytes do. */
export interface PageEntry {
  readonly key: string
  readonly value: Uint8Array
}

/**
 * A page: entries in the order of their keys. Of each: how many bytes its key shares with the key before, how many it adds,
 * how many its value has (LEB128 each), then the bytes that the key adds and the value.
 */
export type Page = Uint8Array<ArrayBuffer>

export const EMPTY_PAGE: Page = new Uint8Array(0)

const LONGEST_KEY = 1024

export const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** How many characters two strings have in common at their beginning. */
export function shared(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let count = 0
  while (count < most && a.charCodeAt(count) === b.charCodeAt(count)) count++
  return count
}

const lengthOf = (number: number) => (number < 0x80 ? 1 : number < 0x4000 ? 2 : number < 0x20_0000 ? 3 : 5)

/** How many bytes an entry takes after one with the key `before`. */
export function sizeAfter(before: string, { key, value }: PageEntry): number {
  const common = shared(before, key)
  const added = key.length - common
  return lengthOf(common) + lengthOf(added) + lengthOf(value.length) + added + value.length
}

export function encodePage(entries: readonly PageEntry[]): Page {
  let size = 0
  for (const [i, entry] of entries.entries()) size += sizeAfter(entries[i - 1]?.key ?? '', entry)
  const page = new Uint8Array(size)
  let [at, before] = [0, '']
  const number = (value: number) => {
    let left = value
    for (let rest = lengthOf(value); rest > 1; rest--, left = Math.floor(left / 128)) page[at++] = 0x80 | (left & 0x7f)
    page[at++] = left
  }
  for (const { key, value } of entries) {
    const common = shared(before, key)
    number(common)
    number(key.length - common)
    number(value.length)
    for (let i = common; i < key.length; i++) page[at++] = key.charCodeAt(i)
    page.set(value, at)
    at += value.length
    before = key
  }
  return page
}

/** Walks a page. Throws `storage` when it is not one. */
export class PageReader {
  /** The bytes of the current key are the first `keyLength` of these. */
  readonly key = new Uint8Array(LONGEST_KEY)
  keyLength = 0
  readonly #page: Uint8Array
  #next = 0
  #from = 0

  constructor(page: Uint8Array) {
    this.#page = page
  }

  /** Goes to the next entry; false when there is none. */
  next(): boolean {
    if (this.#next >= this.#page.length) return false
    const [common, added, length] = [this.#number(), this.#number(), this.#number()]
    const [start, end] = [this.#next, this.#next + added + length]
    if (common > this.keyLength || common + added > LONGEST_KEY || end > this.#page.length) throw damagedPage()
    for (let i = 0; i < added; i++) this.key[common + i] = this.#page[start + i]!
    this.keyLength = common + added
    this.#from = start + added
    this.#next = end
    return true
  }

  /** A view of the current value. */
  get value(): Uint8Array {
    return this.#page.subarray(this.#from, this.#next)
  }

  get text(): string {
    return textOf(this.key.subarray(0, this.keyLength))
  }

  #number(): number {
    let [value, factor] = [0, 1]
    for (let i = 0; i < 5; i++, factor *= 128) {
      const byte = this.#page[this.#next++]
      if (byte === undefined) break
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw damagedPage()
  }
}

/** All entries; the values are views of the page. */
export function decodePage(page: Uint8Array): PageEntry[] {
  const entries: PageEntry[] = []
  const reader = new PageReader(page)
  while (reader.next()) entries.push({ key: reader.text, value: reader.value })
  return entries
}

/** The values of keys, which ascend, as views of the page. */
export function findInPage(page: Uint8Array, keys: readonly string[]): (Uint8Array | undefined)[] {
  const found: (Uint8Array | undefined)[] = []
  const reader = new PageReader(page)
  let more = reader.next()
  for (const key of keys) {
    let order = more ? orderOf(reader, key) : 1
    while (more && order < 0) {
      more = reader.next()
      if (more) order = orderOf(reader, key)
    }
    found.push(more && order === 0 ? reader.value : undefined)
  }
  return found
}

/** The order of the reader's key and another one. */
function orderOf({ key, keyLength }: PageReader, other: string): number {
  const most = Math.min(keyLength, other.length)
  for (let i = 0; i < most; i++) {
    const difference = key[i]! - other.charCodeAt(i)
    if (difference !== 0) return difference
  }
  return keyLength - other.length
}

export const damagedPage = () =>
  new CosmicError({ code: 'storage', field: 'value', hint: 'the database holds a page that is damaged: delete it' })
