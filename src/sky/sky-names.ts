import { SKY_BODIES } from './profile'
import { STAR_CATALOGUE } from './star-catalogue'

/** Made on first use. */
let names: readonly string[] | undefined
let indexes: ReadonlyMap<string, number> | undefined

/** Every name that a sky of the profile may hold, in the order of `observeSky`: bodies, then stars. */
export function skyNames(): readonly string[] {
  return (names ??= [...SKY_BODIES, ...STAR_CATALOGUE.map(([name]) => name)])
}

/** The place of each name in that order. */
export function skyIndexes(): ReadonlyMap<string, number> {
  return (indexes ??= new Map(skyNames().map((name, index) => [name, index])))
}

/** Whether a body of this name is a star of the catalogue. */
export function isStar(name: string): boolean {
  return (skyIndexes().get(name) ?? 0) >= SKY_BODIES.length
}
