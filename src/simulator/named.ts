import type { Interest, Interests } from '../sync/index'
import type { World } from './world'

/** Interests of a plan, whose authors are names of nodes, as these nodes tell them. */
export function named({ nodes }: World, interests: readonly Interest[]): Interests {
  return interests.map(({ author, ...rest }) =>
    author === undefined ? rest : { ...rest, author: nodes.get(author)?.did ?? author },
  )
}
