import { equal } from '../../base/index'
import { blockVector, type Block, type CommonFields, type Link } from '../../block/index'

/** How one version differs from another. */
export interface VersionDiff {
  /** Paths of the fields that differ, such as `input.content`, `place.latitude` or `expires`; not the lists below. */
  readonly changed: readonly string[]
  readonly tags: { readonly added: readonly string[]; readonly removed: readonly string[] }
  readonly links: { readonly added: readonly Link[]; readonly removed: readonly Link[] }
  /** Cosine of both vectors, where both are of one model and as long as each other, and neither is zero. */
  readonly cosine?: number
}

/** What every block has of its own, or what `VersionDiff` tells apart. */
const APART: ReadonlySet<string> = new Set(['id', 'bytes', 'author', 'version', 'supersedes', 'tags', 'links'])

/** Compares the fields of two blocks. */
export function diffBlocks(from: Block, to: Block): VersionDiff {
  const changed: string[] = []
  compareFields(from, to, '', changed)
  const [before, after]: CommonFields[] = [from.opaque ? {} : from, to.opaque ? {} : to]
  const cosine = cosineOf(from, to)
  return {
    changed: changed.sort(),
    tags: difference(before!.tags, after!.tags, tag => tag),
    links: difference(before!.links, after!.links, ({ relation, id }) => `${relation} ${id}`),
    ...(cosine !== undefined && { cosine }),
  }
}

/** Lists and bytes are compared as wholes, and of objects each field. */
function compareFields(from: unknown, to: unknown, path: string, changed: string[]): void {
  if (!isFields(from) || !isFields(to)) {
    if (!isSame(from, to)) changed.push(path)
    return
  }
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    if (path === '' && APART.has(name)) continue
    compareFields(from[name], to[name], path === '' ? name : `${path}.${name}`, changed)
  }
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equal(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  if (!isFields(a) || !isFields(b)) return a === b
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  )
}

function difference<T>(from: readonly T[] = [], to: readonly T[] = [], name: (item: T) => string) {
  const [before, after] = [new Set(from.map(name)), new Set(to.map(name))]
  return { added: to.filter(item => !before.has(name(item))), removed: from.filter(item => !after.has(name(item))) }
}

function cosineOf(from: Block, to: Block): number | undefined {
  if (from.opaque || to.opaque || from.kind !== 'embedding' || to.kind !== 'embedding') return undefined
  if (from.embedding.model !== to.embedding.model || from.embedding.dims !== to.embedding.dims) return undefined
  const [a, b] = [blockVector(from), blockVector(to)]
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : undefined
}
