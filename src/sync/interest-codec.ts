import type { CborMap, CborValue } from '../base/index'
import { LIMITS } from '../block/index'
import { collectionNamed, type Collection } from './collection'
import type { Interest, Interests, InterestRegion } from './interest'
import { isListOf, isText, isTime } from './message-fields'
import { SESSION_LIMITS } from './session-limits'

/** Wire units of a region in a degree, as in blocks. */
const UNITS = 1e7
const FIELDS: ReadonlySet<string> = new Set(['kind', 'author', 'model', 'tags', 'since', 'until', 'region'])
/** Bytes of a did:key. */
const DID_BYTES = 128

/** An interest as a message carries it: a map of what is given. */
export function writeInterest(interest: Interest): CborMap {
  const { region } = interest
  const corners = region && [region.south, region.west, region.north, region.east]
  const fields: Record<string, CborValue | undefined> = {
    ...interest,
    region: corners?.map(degrees => Math.round(degrees * UNITS)),
  }
  return new Map(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** `undefined` for what is no list of interests, or too long a one. */
export function readInterests(list: CborValue | undefined): Interests | undefined {
  if (!isListOf(list, isMap, SESSION_LIMITS.interests, 0)) return undefined
  const interests = list.map(readInterest)
  return interests.every(interest => interest !== undefined) ? interests : undefined
}

const isMap = (value: CborValue): value is CborMap => value instanceof Map

function readInterest(map: CborMap): Interest | undefined {
  for (const name of map.keys()) if (!FIELDS.has(name)) return undefined
  const { kind, author, model, tags, since, until, region: corners } = Object.fromEntries(map)
  const region = corners === undefined ? undefined : readRegion(corners)
  const isRead =
    isTextOr(kind, LIMITS.name) &&
    isTextOr(author, DID_BYTES) &&
    isTextOr(model, LIMITS.modelId) &&
    (tags === undefined || isListOf(tags, isTag, SESSION_LIMITS.interestTags)) &&
    (since === undefined || isMoment(since)) &&
    (until === undefined || (isMoment(until) && until > (since ?? 0))) &&
    (corners === undefined || region !== undefined)
  if (!isRead) return undefined
  const fields = { kind, author, model, tags, since, until, region }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function readRegion(corners: CborValue): InterestRegion | undefined {
  if (!isListOf(corners, isInteger, 4, 4)) return undefined
  const [south, west, north, east] = corners.map(units => units / UNITS) as [number, number, number, number]
  return isRegion({ south, west, north, east }) ? { south, west, north, east } : undefined
}

export function isRegion({ south, west, north, east }: InterestRegion): boolean {
  return south >= -90 && south <= north && north <= 90 && [west, east].every(each => Math.abs(each) <= 180)
}

const isInteger = (value: CborValue): value is number => Number.isSafeInteger(value)
const isMoment = (value: CborValue): value is number => isInteger(value) && isTime(value)
const isTag = (value: CborValue): value is string => value !== '' && isText(value, LIMITS.tagBytes)
const isTextOr = (value: CborValue | undefined, most: number): value is string | undefined =>
  value === undefined || (value !== '' && isText(value, most))

/** `undefined` for what names no collection. */
export function readCollection(name: CborValue | undefined): Collection | undefined {
  const isName = Array.isArray(name) && name.length <= 4 && name.every(part => typeof part !== 'string' || isPart(part))
  return isName ? collectionNamed(name) : undefined
}

const isPart = (part: string) => part !== '' && isText(part, LIMITS.modelId)
