import { decodePage, encodePage, type Page, type PageEntry, shared, sizeAfter } from './page'

/** Pages are cut so that none is larger, unless it holds one entry. Larger ones cost more to write for each entry, smaller ones more to open. */
export const PAGE_BYTES = 16_384

/** What a batch does to a key: puts a value, or deletes it (`undefined`). */
export interface Change {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/** A part of what was one page, and the fence that it begins at: no key in it is smaller. */
export interface Piece {
  readonly fence: string
  readonly page: Page
}

/**
 * The page after changes, whose keys ascend, cut into pieces, the first of which begins at the page's own fence; none when
 * nothing is left.
 *
 * A page that is too large because of one run of new keys, or of one at its end, is cut behind that run, and what is before
 * is filled: keys that ascend leave full pages behind. Otherwise it is cut into equal parts.
 */
export function rewritePage(fence: string, page: Uint8Array, changes: readonly Change[]): Piece[] {
  const { entries, runEnd } = merge(decodePage(page), changes)
  if (entries.length === 0) return []
  const parts = cut(entries, runEnd)
  return parts.map((part, i) => ({
    fence: i === 0 ? fence : separator(parts[i - 1]!.at(-1)!.key, part[0]!.key),
    page: encodePage(part),
  }))
}

/** The shortest text that comes after one key and not after the next. */
const separator = (before: string, next: string) => next.slice(0, shared(before, next) + 1)

interface Merged {
  readonly entries: PageEntry[]
  /** Where the one run of new keys ends; `undefined` when there is none, or several, or one key between others. */
  readonly runEnd: number | undefined
}

function merge(old: readonly PageEntry[], changes: readonly Change[]): Merged {
  const entries: PageEntry[] = []
  let [next, added, runs, runEnd] = [0, 0, 0, -1]
  for (const { key, value } of changes) {
    while (next < old.length && old[next]!.key < key) entries.push(old[next++]!)
    const known = next < old.length && old[next]!.key === key
    if (known) next++
    if (value === undefined) continue
    entries.push({ key, value })
    if (known) continue
    added++
    if (runEnd !== entries.length - 1) runs++
    runEnd = entries.length
  }
  while (next < old.length) entries.push(old[next++]!)
  const ascending = runs === 1 && (added > 1 || runEnd === entries.length)
  return { entries, runEnd: ascending ? runEnd : undefined }
}

function cut(entries: readonly PageEntry[], runEnd: number | undefined): PageEntry[][] {
  const sizes = entries.map((entry, i) => sizeAfter(entries[i - 1]?.key ?? '', entry))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= PAGE_BYTES) return [[...entries]]
  if (runEnd === undefined) return fill(entries, sizes, total / Math.ceil(total / PAGE_BYTES))
  const rest = entries.slice(runEnd)
  const parts = fill(entries.slice(0, runEnd), sizes, PAGE_BYTES)
  return rest.length > 0 ? [...parts, ...fill(rest, sizes.slice(runEnd), PAGE_BYTES)] : parts
}

/** Parts of at most a page, each closed by the entry that reaches `target`. */
function fill(entries: readonly PageEntry[], sizes: readonly number[], target: number): PageEntry[][] {
  const parts: PageEntry[][] = []
  let [part, size]: [PageEntry[], number] = [[], 0]
  for (const [i, entry] of entries.entries()) {
    const full = size >= target || size + sizes[i]! > PAGE_BYTES
    if (part.length > 0 && full) {
      parts.push(part)
      ;[part, size] = [[], 0]
    }
    part.push(entry)
    size += part.length === 1 ? sizeAfter('', entry) : sizes[i]!
  }
  return [...parts, part]
}
