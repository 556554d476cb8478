import { FORMAT_VERSION } from '../block/index'
import { CONTROL_KINDS, type Collection } from './collection'

/** A part of the earth in degrees; a `west` that lies east of `east` takes in the 180th meridian. */
export interface InterestRegion {
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
}

/**
 * Blocks that an agent wants from its peers. All given conditions must hold; `tags` means every one of them. Times are
 * milliseconds, `since` inclusive, `until` exclusive. Without conditions: every block. What a kind alone can have (`model`,
 * `tags`, `region`) is that of embeddings, unless `kind` names another kind.
 */
export interface Interest {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
  readonly since?: number
  readonly until?: number
  readonly region?: InterestRegion
}

/** Blocks that meet one of them are wanted, and so is every control block. None: control blocks alone. */
export type Interests = readonly Interest[]

export const EVERYTHING: Interests = [{}]

/** What of a block decides whether it is wanted. Of an opaque one there is only the head. */
export interface BlockTraits {
  readonly version: number
  readonly kind: string
  readonly author: string
  readonly time: number
  readonly model?: string
  readonly tags?: readonly string[]
  readonly place?: { readonly latitude: number; readonly longitude: number }
  readonly opaque?: true
}

/** Whether every block is wanted. */
export function isEverything(interests: Interests): boolean {
  return interests.some(interest => Object.values(interest).every(value => value === undefined))
}

/** Whether a block is wanted, or everybody keeps it. */
export function isWanted(traits: BlockTraits, interests: Interests): boolean {
  return CONTROL_KINDS.includes(traits.kind) || isMatched(traits, interests)
}

/** Whether a block is wanted for what it is. */
export function isMatched(traits: BlockTraits, interests: Interests): boolean {
  return interests.some(interest => meets(traits, interest))
}

function meets(traits: BlockTraits, interest: Interest): boolean {
  const { author, model, tags = [], since = 0, until = Infinity, region } = interest
  const kind = kindOf(interest)
  if (traits.time < since || traits.time >= until) return false
  if (kind !== undefined && traits.kind !== kind) return false
  if (author !== undefined && traits.author !== author) return false
  if (!needsFields(interest)) return true
  if (traits.opaque || (model !== undefined && traits.model !== model)) return false
  return tags.every(tag => traits.tags?.includes(tag)) && (region === undefined || isWithin(traits.place, region))
}

function isWithin(place: BlockTraits['place'], { south, west, north, east }: InterestRegion): boolean {
  if (!place || place.latitude < south || place.latitude > north) return false
  const { longitude } = place
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east
}

/** Whether more than the head of a block has to be known. */
function needsFields({ model, tags = [], region }: Interest): boolean {
  return model !== undefined || tags.length > 0 || region !== undefined
}

function kindOf(interest: Interest): string | undefined {
  return interest.kind ?? (needsFields(interest) ? 'embedding' : undefined)
}

/** The single-valued collection in which everything that an interest wants is. */
export function coverOf(interest: Interest): Collection {
  const { author, model, tags = [] } = interest
  const kind = kindOf(interest)
  if (author !== undefined) return { of: 'author', author }
  if (kind === undefined) return { of: 'everything' }
  if (tags.length > 0) return { of: 'tag', version: FORMAT_VERSION, kind, tag: tags[0]! }
  if (model !== undefined) return { of: 'model', version: FORMAT_VERSION, kind, model }
  return { of: 'kind', kind }
}

/** Whether an interest wants all of the collection that covers it, times apart: then no member has to be looked at. */
export function wantsAll(interest: Interest): boolean {
  const { kind, author, model, tags = [], region } = interest
  if (region !== undefined) return false
  const named = [author, model, ...tags].filter(value => value !== undefined).length
  return named === 0 || (named === 1 && (author === undefined || kind === undefined))
}

/** Whether `now` may want what `before` did not: only a list that merely lost entries does not. */
export function isWidened(now: Interests, before: Interests): boolean {
  if (isEverything(before)) return false
  const known = new Set(before.map(keyOf))
  return now.some(interest => !known.has(keyOf(interest)))
}

/** Those of a list that another one has, too. */
export function keptBy(interests: Interests, now: Interests): Interests {
  const known = new Set(now.map(keyOf))
  return interests.filter(interest => known.has(keyOf(interest)))
}

const keyOf = ({ kind, author, model, tags, since, until, region: r }: Interest) =>
  JSON.stringify([kind, author, model, tags, since, until, r && [r.south, r.west, r.north, r.east]])
