import { CosmicError, nearestName, refuse } from '../base/index'
import type { PageQuery } from './block-store'
import { checkOptions } from './check-storage-call'

/** What each condition must be. */
const FIELDS: Readonly<Record<keyof PageQuery, 'string' | 'number' | 'boolean' | 'strings' | 'signal'>> = {
  kind: 'string',
  author: 'string',
  model: 'string',
  tags: 'strings',
  about: 'string',
  linksTo: 'string',
  relation: 'string',
  supersedes: 'string',
  since: 'number',
  until: 'number',
  admittedOnly: 'boolean',
  reverse: 'boolean',
  limit: 'number',
  signal: 'signal',
  cursor: 'string',
}

const NAMES = /* @__PURE__ */ Object.keys(FIELDS)
const isUnpaged = (name: string) => name !== 'cursor'

/** Refuses a query with a field that there is not (`unknown-field`) or one of the wrong type (`bad-type`, `bad-value`). */
export function checkQuery(query: PageQuery, paged: boolean): void {
  checkOptions(query)
  for (const [field, value] of Object.entries(query)) {
    const isKnown = Object.hasOwn(FIELDS, field) && (paged || isUnpaged(field))
    const type = isKnown ? FIELDS[field as keyof PageQuery] : undefined
    if (type === undefined)
      refuse('unknown-field', field, paged ? nearestName(field, NAMES) : nearestName(field, NAMES.filter(isUnpaged)))
    if (value === undefined || type === 'signal') continue
    if (field === 'limit') checkLimit(value as number)
    else if (type === 'number') checkNumbers({ [field]: value as number })
    else if (type === 'strings' ? !isStrings(value) : typeof value !== type) {
      throw new CosmicError({ code: 'bad-type', field, hint: type === 'strings' ? 'a list of texts' : `a ${type}` })
    }
  }
  if (query.relation !== undefined && query.linksTo === undefined) {
    throw new CosmicError({ code: 'missing-field', field: 'linksTo', hint: 'a relation is that of a link' })
  }
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

/** Refuses what is no number of items: a whole number, or `Infinity`; none and less are none. */
export function checkLimit(limit: number = Infinity): void {
  if (limit === Infinity || Number.isInteger(limit)) return
  throw new CosmicError({ code: 'bad-value', field: 'limit', hint: 'a whole number is needed' })
}

/** Refuses bounds that mean nothing as `bad-value`. */
export function checkNumbers(bounds: Readonly<Record<string, number | undefined>>): void {
  for (const [field, value] of Object.entries(bounds)) {
    if (value === undefined || (typeof value === 'number' && !Number.isNaN(value))) continue
    throw new CosmicError({ code: 'bad-value', field, hint: 'a number is needed' })
  }
}
