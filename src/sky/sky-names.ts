import { SKY_BODIES } from './profile'
import { STAR_CATALOGUE } from './star-catalogue'

/** Made on first use. */
let indexes: ReadonlyMap<string, number> | undefined

/** Every name that a sky of the profile may hold, with its place in the order of `observeSky`: bodies, then stars. */
export function skyIndexes(): ReadonlyMap<string, number> {
  const names = () => [...SKY_BODIES, ...STAR_CATALOGUE.map(([name]) => name)]
  return (indexes ??= new Map(names().map((name, index) => [name, index])))
}

/** Whether a body of this name is a star of the catalogue. */
export function isStar(name: string): boolean {
  return (skyIndexes().get(name) ?? 0) >= SKY_BODIES.length
}
