import { CosmicError } from '../base/index'
import { checkNumbers } from './block-filter'
import type { BlockQuery } from './block-store'

const FIELDS: readonly string[] = [
  ...['kind', 'author', 'model', 'tags', 'about', 'linksTo', 'relation', 'supersedes', 'since', 'until'],
  ...['admittedOnly', 'reverse', 'limit', 'signal', 'cursor'],
]

/** Throws `unknown-field` or `bad-value` with the field: a query that is misspelt would find everything. */
export function checkQuery(query: BlockQuery): void {
  for (const field of Object.keys(query)) {
    if (!FIELDS.includes(field)) throw new CosmicError({ code: 'unknown-field', field })
  }
  const { since, until, limit, relation, linksTo } = query
  checkNumbers({ since, until, limit })
  if (relation === undefined || linksTo !== undefined) return
  throw new CosmicError({ code: 'bad-value', field: 'relation', hint: 'only together with linksTo' })
}
