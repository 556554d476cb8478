import { attempt, utf8 } from '../../base/index'
import type { Spot, Traits } from '../entry'
import { checksum } from './checksum'

/** Of pages, heads and bases: what is of another version is made anew. */
export const VERSION = 2
const HEADER = 40
/** Numbers of vectors in a page, about: a page is some 100 kB. */
const NUMBERS = 98_304

/** How many rows of vectors of one length stand in a page. */
export function rowsPerPage(dims: number): number {
  return Math.min(512, Math.max(16, 2 ** Math.floor(Math.log2(NUMBERS / dims))))
}

/** Some rows of a space, as they are saved. */
export interface PageRows {
  /** Checksum of the model's id. */
  readonly model: number
  readonly dims: number
  /** Numbers of the rows within the page. */
  readonly rows: readonly number[]
  readonly ids: readonly string[]
  readonly traits: readonly Traits[]
  /** Checksum of the base that the codes were made against. */
  readonly stamp: number
  /** Checksum of what the bytes of rows are differences from. */
  readonly origin: number
  /** The vector of each, where they are kept. */
  readonly exact?: Float32Array
  /** The rows of the code index, where there is one. */
  readonly codes?: Uint8Array
}

/** The columns of a page; terms are numbered, since a page has few different ones. */
interface Columns {
  readonly rows: readonly number[]
  readonly ids: readonly string[]
  readonly terms: readonly string[]
  readonly authors: readonly number[]
  readonly times: readonly number[]
  readonly expires: readonly (number | null)[]
  readonly tags: readonly (readonly number[])[]
  readonly holds: readonly (readonly number[])[]
  readonly places: readonly (readonly [number, number] | null)[]
}

/**
 * A page: 40 bytes of header (checksum of the rest, version, model, dims, stamp, origin, bytes of columns, of exact vectors, of codes, and of all,
 * each 4 bytes little-endian), the columns as JSON padded to 4 bytes, exact vectors, codes.
 */
export function encodePage({ model, dims, stamp, origin, exact, codes, ...rows }: PageRows): Uint8Array {
  const text = utf8(JSON.stringify(columnsOf(rows)))
  const start = HEADER + padded(text.length)
  const middle = start + (exact?.byteLength ?? 0)
  const page = new Uint8Array(middle + (codes?.length ?? 0))
  page.set(text, HEADER)
  if (exact) page.set(new Uint8Array(exact.buffer, exact.byteOffset, exact.byteLength), start)
  if (codes) page.set(codes, middle)
  const view = new DataView(page.buffer)
  const sizes = [text.length, exact?.byteLength ?? 0, codes?.length ?? 0, page.length]
  for (const [i, value] of [VERSION, model, dims, stamp, origin, ...sizes].entries())
    view.setUint32(4 + 4 * i, value, true)
  view.setUint32(0, checksum(page.subarray(4)), true)
  return page
}

/** `undefined` for what is damaged or of another version. */
export function decodePage(page: Uint8Array): PageRows | undefined {
  const bytes = page.byteOffset % 4 === 0 ? page : page.slice()
  if (bytes.length < HEADER) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [sum, version, model, dims, stamp, origin, text, exact, codes, all] = Array.from({ length: 10 }, (_, i) =>
    view.getUint32(4 * i, true),
  ) as [number, number, number, number, number, number, number, number, number, number]
  const start = HEADER + padded(text)
  const whole = all === bytes.length && start + exact + codes === all && exact % 4 === 0
  if (version !== VERSION || !whole || sum !== checksum(bytes.subarray(4))) return undefined
  const columns = attempt(() => JSON.parse(decodeText(bytes.subarray(HEADER, HEADER + text))) as Columns)
  if (!columns.ok) return undefined
  return {
    ...{
      model,
      dims,
      stamp,
      origin,
      rows: columns.value.rows,
      ids: columns.value.ids,
      traits: traitsOf(columns.value),
    },
    ...(exact > 0 && { exact: new Float32Array(bytes.buffer, bytes.byteOffset + start, exact / 4) }),
    ...(codes > 0 && { codes: bytes.subarray(start + exact) }),
  }
}

const decodeText = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const padded = (size: number) => Math.ceil(size / 4) * 4

function columnsOf({ rows, ids, traits }: Pick<PageRows, 'rows' | 'ids' | 'traits'>): Columns {
  const numbers = new Map<string, number>()
  const number = (term: string) => {
    const known = numbers.get(term) ?? numbers.size
    numbers.set(term, known)
    return known
  }
  const columns = {
    ...{ rows, ids },
    authors: traits.map(({ author }) => number(author)),
    times: traits.map(({ time }) => time),
    expires: traits.map(({ expires = null }) => expires),
    tags: traits.map(({ tags = [] }) => tags.map(number)),
    holds: traits.map(({ holds = [] }) => holds.map(number)),
    places: traits.map(({ place }) => (place ? ([place.latitude, place.longitude] as const) : null)),
  }
  return { ...columns, terms: [...numbers.keys()] }
}

function traitsOf({ ids, terms, authors, times, expires, tags, holds, places }: Columns): Traits[] {
  const named = (numbers: readonly number[]) => numbers.map(number => terms[number]!)
  return ids.map((_, i) => {
    const place = places[i]
    const spot: Spot | undefined = place ? { latitude: place[0], longitude: place[1] } : undefined
    const end = expires[i]
    return {
      ...{ author: terms[authors[i]!]!, time: times[i]!, tags: named(tags[i]!), holds: named(holds[i]!) },
      ...(typeof end === 'number' && { expires: end }),
      ...(spot && { place: spot }),
    }
  })
}
