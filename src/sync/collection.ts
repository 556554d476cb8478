import type { BlockTraits } from './interest'

/** The kinds that every agent keeps of what it syncs, whatever else it wants: without them it would show what was withdrawn. */
export const CONTROL_KINDS: readonly string[] = ['retraction', 'profile', 'rotation', 'grant', 'keywrap']

/**
 * A part of the set that is reconciled by itself. Kind and author stand in the head of every block, of whatever version;
 * tags and models are those of one (version, kind), so that no agent has to know the fields of another.
 */
export type Collection =
  | { readonly of: 'everything' | 'control' }
  | { readonly of: 'kind'; readonly kind: string }
  | { readonly of: 'author'; readonly author: string }
  | { readonly of: 'tag'; readonly version: number; readonly kind: string; readonly tag: string }
  | { readonly of: 'model'; readonly version: number; readonly kind: string; readonly model: string }

export const CONTROL: Collection = { of: 'control' }
export const WHOLE: Collection = { of: 'everything' }

/** Whether a block is a member. */
export function isMember(traits: BlockTraits, collection: Collection): boolean {
  switch (collection.of) {
    case 'everything':
      return true
    case 'control':
      return CONTROL_KINDS.includes(traits.kind)
    case 'kind':
      return traits.kind === collection.kind
    case 'author':
      return traits.author === collection.author
  }
  const { version, kind } = collection
  if (traits.opaque || traits.version !== version || traits.kind !== kind) return false
  return collection.of === 'tag' ? traits.tags?.includes(collection.tag) === true : traits.model === collection.model
}

/** What tells collections apart, and what they are called on the wire: `[]` is everything. */
export function nameOf(collection: Collection): readonly (string | number)[] {
  switch (collection.of) {
    case 'everything':
      return []
    case 'control':
      return ['control']
    case 'kind':
      return ['kind', collection.kind]
    case 'author':
      return ['author', collection.author]
    case 'tag':
      return ['tag', collection.version, collection.kind, collection.tag]
    case 'model':
      return ['model', collection.version, collection.kind, collection.model]
  }
}

/** A name as one text, by which collections are kept in maps. */
export const collectionKey = (collection: Collection) => JSON.stringify(nameOf(collection))

/** What a name means; `undefined` when it is none. */
export function collectionNamed(name: readonly unknown[]): Collection | undefined {
  const [of, ...rest] = name
  const [first, kind, value] = rest
  if (name.length === 0) return WHOLE
  if (of === 'control' && rest.length === 0) return CONTROL
  if (rest.length === 1 && typeof first === 'string') {
    if (of === 'kind') return { of, kind: first }
    return of === 'author' ? { of, author: first } : undefined
  }
  const isField = rest.length === 3 && Number.isSafeInteger(first) && typeof kind === 'string'
  if (!isField || typeof value !== 'string') return undefined
  const head = { version: first as number, kind }
  if (of === 'tag') return { of, ...head, tag: value }
  return of === 'model' ? { of, ...head, model: value } : undefined
}
