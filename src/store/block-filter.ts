import { CosmicError } from '../base/index'
import type { Block, Link } from '../block/index'
import type { BlockQuery } from './block-store'
import { aboutOf, linksOf, modelOf, supersededBy, tagsOf } from './layout'

/** Whether a block meets the query's conditions on its own fields; admission is the record's. */
export function matches(block: Block, query: BlockQuery): boolean {
  const { kind, author, model, about, tags = [], since = -Infinity, until = Infinity } = query
  return (
    (kind === undefined || block.kind === kind) &&
    (author === undefined || block.author === author) &&
    (model === undefined || modelOf(block) === model) &&
    (about === undefined || aboutOf(block).includes(about)) &&
    (query.linksTo === undefined || linksOf(block).some(link => isAsked(link, query))) &&
    (query.supersedes === undefined || supersededBy(block).includes(query.supersedes)) &&
    block.time >= since &&
    block.time < until &&
    tags.every(tag => tagsOf(block).includes(tag))
  )
}

function isAsked({ relation, id }: Link, query: BlockQuery): boolean {
  return id === query.linksTo && (query.relation === undefined || relation === query.relation)
}

/** Refuses bounds that mean nothing as `bad-value`. */
export function checkNumbers(bounds: Readonly<Record<string, number | undefined>>): void {
  for (const [field, value] of Object.entries(bounds)) {
    if (value === undefined || (typeof value === 'number' && !Number.isNaN(value))) continue
    throw new CosmicError({ code: 'bad-value', field, hint: 'a number is needed' })
  }
}
