import type { Block, Link } from '../block/index'
import type { BlockQuery, CountedIndex } from './block-store'
import { retracts } from './retractable'

/**
 * A term is the letter of its index and what is indexed: `T` and a tag. What a block is about stands twice, alone and
 * with the author, so that the word of one is found however many others speak; so does a link, alone and with its relation.
 *
 * | index | term | | index | term |
 * |---|---|---|---|---|
 * | `A` | author | | `B` | id it is about, space, author |
 * | `K` | kind | | `L` | id that a link leads to |
 * | `M` | model | | `N` | the same, space, relation |
 * | `T` | tag | | `S` | id that it supersedes |
 * | `W` | id it is about | | `R` | id that it retracts, space, author |
 *
 * Two lists have a number without a term: every block that is held (0), and every stub (1).
 */
export const EVERY_BLOCK = 0
export const EVERY_STUB = 1
/** The first number of a term in the dictionary. */
export const FIRST_TERM = 2

export const COUNTED: Readonly<Record<CountedIndex, string>> = { author: 'A', kind: 'K', model: 'M', tag: 'T' }

/** Longer ones cannot be a block's: names are at most 256 bytes (docs/spec/block.md, "Limits"). */
const LONGEST_TERM = 300
/** Most blocks have four to eight. */
const FEW_TERMS = 12

const about = (id: string) => `W${id}`
const aboutBy = (id: string, author: string) => `B${id} ${author}`
const link = (id: string) => `L${id}`
const related = (id: string, relation: string) => `N${id} ${relation}`
const supersedes = (id: string) => `S${id}`

/** Every term under which a block is found, each once. */
export function termsOf(block: Block): string[] {
  const terms = [COUNTED.author + block.author, COUNTED.kind + block.kind]
  if (block.opaque) return terms
  const model = modelOf(block)
  if (model !== undefined) terms.push(COUNTED.model + model)
  for (const tag of tagsOf(block)) terms.push(COUNTED.tag + tag)
  for (const id of aboutOf(block)) terms.push(about(id), aboutBy(id, block.author))
  for (const { id, relation } of linksOf(block)) terms.push(link(id), related(id, relation))
  for (const id of supersededBy(block)) terms.push(supersedes(id))
  if (block.kind === 'retraction') terms.push(retracts(block.retraction.block, block.author))
  return distinct(terms)
}

/** The terms that a block must have to be found by a query; `undefined` when no block can have them all. */
export function termsAsked(query: BlockQuery): string[] | undefined {
  const terms = (query.tags ?? []).map(tag => COUNTED.tag + tag)
  if (query.author !== undefined && query.about === undefined) terms.push(COUNTED.author + query.author)
  if (query.kind !== undefined) terms.push(COUNTED.kind + query.kind)
  if (query.model !== undefined) terms.push(COUNTED.model + query.model)
  if (query.about !== undefined) {
    terms.push(query.author === undefined ? about(query.about) : aboutBy(query.about, query.author))
  }
  if (query.linksTo !== undefined) {
    terms.push(query.relation === undefined ? link(query.linksTo) : related(query.linksTo, query.relation))
  }
  if (query.supersedes !== undefined) terms.push(supersedes(query.supersedes))
  return terms.every(term => term.length <= LONGEST_TERM) ? [...new Set(terms)] : undefined
}

/** Few are compared one by one: a set is a table that is made, and left behind, for every block. */
function distinct(terms: readonly string[]): string[] {
  return terms.length <= FEW_TERMS ? terms.filter((term, i) => terms.indexOf(term) === i) : [...new Set(terms)]
}

/** The blocks that a block is about; of an inclusion also the witness whose batch it is in. */
export function aboutOf(block: Block): readonly string[] {
  if (block.opaque) return []
  if (block.kind === 'keywrap') return [block.keywrap.block]
  if (block.kind === 'timeproof') return [block.timeproof.block]
  if (block.kind === 'retraction') return [block.retraction.block]
  if (block.kind === 'inclusion') return [block.inclusion.block, block.inclusion.witness]
  return block.kind === 'witness' && block.witness.block !== undefined ? [block.witness.block] : []
}

/** The model whose space the block's own vector is in. */
function modelOf(block: Block): string | undefined {
  return !block.opaque && block.kind === 'embedding' ? block.embedding.model : undefined
}

function linksOf(block: Block): readonly Link[] {
  return (!block.opaque && block.links) || []
}

function supersededBy(block: Block): readonly string[] {
  return (!block.opaque && block.supersedes) || []
}

function tagsOf(block: Block): readonly string[] {
  return (!block.opaque && block.tags) || []
}

/** When a block leaves the reconciled set by itself; 0: never. */
export function expiryOf(block: Block): number {
  return (!block.opaque && block.expires) || 0
}
