import { anything, CosmicError, record, refuse } from '../base/index'
import { LIMITS } from '../block/index'
import type { Interest, Interests } from './interest'
import { readInterests, writeInterest } from './interest-codec'
import { SESSION_LIMITS } from './session-limits'

const FIELDS: readonly (keyof Interest)[] = ['kind', 'author', 'model', 'tags', 'since', 'until', 'region']
const readFields = record<Interest>({
  ...{ kind: anything, author: anything, model: anything, tags: anything },
  ...{ since: anything, until: anything, region: anything },
})

/**
 * A copy of what a caller wants; nothing given means everything. Throws `limit`, `bad-type`, `unknown-field`, or `bad-value`
 * for what no peer could be told, with the field.
 */
export function checkInterests(given: readonly Interest[] | undefined): Interests {
  const interests = given === undefined ? [{}] : given
  if (!Array.isArray(interests)) refuse('bad-type', 'interests', 'an array: [{ tags: ["physics"] }]')
  const limit = SESSION_LIMITS.interests
  if (interests.length > limit) throw new CosmicError({ code: 'limit', field: 'interests', limit })
  return interests.map((interest, i) => checkInterest(interest, `interests[${i}]`))
}

function checkInterest(given: Interest, field: string): Interest {
  const interest = readFields(given, field)
  for (const name of FIELDS) {
    if (interest[name] === undefined) continue
    const [read] = readInterests([writeInterest({ [name]: interest[name] })]) ?? []
    if (!read) throw new CosmicError({ code: 'bad-value', field: `${field}.${name}`, hint: HINTS[name] })
  }
  const { since = 0, until = Infinity } = interest
  if (since >= until) throw new CosmicError({ code: 'bad-value', field: `${field}.until`, hint: 'after `since`' })
  const [copy] = readInterests([writeInterest(interest)])!
  return copy!
}

const HINTS: Readonly<Record<keyof Interest, string>> = {
  kind: 'a kind, such as `embedding`',
  author: 'a did:key',
  model: 'a model id',
  tags: `1 to ${SESSION_LIMITS.interestTags} tags`,
  since: `whole milliseconds, at most ${LIMITS.time}`,
  until: `whole milliseconds, at most ${LIMITS.time}`,
  region: '{ south, west, north, east } in degrees',
}
