import { checkNames, CosmicError } from '../base/index'

/** A circle on the ground. */
export interface Circle {
  /** Degrees. */
  readonly latitude: number
  readonly longitude: number
  /** Metres along the ground. */
  readonly radius: number
}

/** Conditions on what is searched; all given ones must hold, and every one of `tags` and `predicates`. */
export interface SearchFilter {
  readonly tags?: readonly string[]
  readonly model?: string
  readonly author?: string
  readonly kind?: string
  /** Claimed time in milliseconds: `since` inclusive, `until` exclusive. */
  readonly since?: number
  readonly until?: number
  /** Blocks that claim a place in this circle. */
  readonly near?: Circle
  /** Names of the conditions that the engine was given as `predicates`. */
  readonly predicates?: readonly string[]
}

/** Throws `bad-type`, `unknown-field`, `non-finite` or `out-of-range` with the field: a filter that is misspelt would find everything. */
export function checkFilter(filter: SearchFilter, predicates: Readonly<Record<string, unknown>>): void {
  if (typeof filter !== 'object' || filter === null) refuseType('where', 'conditions by name')
  checkNames(filter, FIELDS, 'where')
  for (const name of ['tags', 'predicates'] as const) {
    const given: unknown = filter[name]
    if (given === undefined) continue
    if (!Array.isArray(given) || given.some(each => typeof each !== 'string'))
      refuseType(`where.${name}`, 'a list of texts')
  }
  for (const name of ['author', 'model', 'kind'] as const) {
    if (filter[name] !== undefined && typeof filter[name] !== 'string') refuseType(`where.${name}`, 'a text')
  }
  for (const name of ['since', 'until'] as const) {
    if (filter[name] === undefined) continue
    if (typeof filter[name] !== 'number') refuseType(`where.${name}`, 'milliseconds')
    if (Number.isNaN(filter[name])) throw new CosmicError({ code: 'non-finite', field: `where.${name}` })
  }
  const { near, predicates: asked = [] } = filter
  if (near !== undefined) checkCircle(near)
  const unknown = asked.find(name => !Object.hasOwn(predicates, name))
  if (unknown !== undefined) throw new CosmicError({ code: 'unknown-field', field: `where.predicates.${unknown}` })
}

const FIELDS = ['tags', 'model', 'author', 'kind', 'since', 'until', 'near', 'predicates']

function refuseType(field: string, hint: string): never {
  throw new CosmicError({ code: 'bad-type', field, hint })
}

function checkCircle(circle: Circle): void {
  if (typeof circle !== 'object' || circle === null) refuseType('where.near', '{ latitude, longitude, radius }')
  checkNames(circle, ['latitude', 'longitude', 'radius'], 'where.near')
  const { latitude, longitude, radius } = circle
  for (const each of [latitude, longitude, radius]) {
    if (typeof each !== 'number') refuseType('where.near', 'degrees, and metres')
  }
  const holds = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && radius >= 0
  if (!holds)
    throw new CosmicError({ code: 'out-of-range', field: 'where.near', hint: 'degrees, and metres from 0 on' })
}
