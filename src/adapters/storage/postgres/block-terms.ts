import { Cid, concat, toHex, utf8 } from '../../../base/index'
import type { Block } from '../../../block/index'
import {
  aboutOf,
  type BlockQuery,
  type CountedIndex,
  linksOf,
  modelOf,
  retractedBy,
  supersededBy,
  tagsOf,
} from '../../../store/index'

/** A term of an index: what a block can be found by. `index` is one letter. */
export interface Term {
  readonly index: TermIndex
  readonly value: Uint8Array
}

/**
 * Author, kind and model are columns of a block; the others have postings, but for `x`: that an author withdraws a block,
 * which is only asked for. What a block is about stands twice, so that the word of one author is found however many others speak.
 */
export const INDEXES = {
  author: 'a',
  kind: 'k',
  model: 'm',
  tag: 't',
  about: 'w',
  aboutBy: 'b',
  link: 'l',
  relation: 'r',
  supersedes: 's',
  retracted: 'x',
} as const
export type TermIndex = (typeof INDEXES)[keyof typeof INDEXES]

const COLUMNS: ReadonlyMap<string, string> = new Map([
  ['a', 'author'],
  ['k', 'kind'],
  ['m', 'model'],
])

/** The column of `block` that holds the terms of an index; without one they have postings. */
export const columnOf = (index: TermIndex): string | undefined => COLUMNS.get(index)
export const hasPostings = (index: TermIndex): boolean => !COLUMNS.has(index) && index !== INDEXES.retracted

/** Equal terms have equal names. */
export const nameOf = ({ index, value }: Term): string => index + toHex(value)

const text = (index: TermIndex, value: string): Term => ({ index, value: utf8(value) })
const ofId = (index: TermIndex, id: string, rest = ''): Term => ({ index, value: concat(digestOf(id)!, utf8(rest)) })

/** The 32 bytes that an id names; `undefined` for what is no id, hence not here. */
export function digestOf(id: string): Uint8Array | undefined {
  const cid = Cid.parse(id)
  return cid.ok ? cid.value.digest : undefined
}

export const idOf = (digest: Uint8Array): string => Cid.fromDigest(digest).toString()

/** Every term of a block, each once. */
export function termsOf(block: Block): Term[] {
  const { author } = block
  const model = modelOf(block)
  const retracted = retractedBy(block)
  const terms = [
    ...[text(INDEXES.author, author), text(INDEXES.kind, block.kind)],
    ...(model === undefined ? [] : [text(INDEXES.model, model)]),
    ...tagsOf(block).map(tag => text(INDEXES.tag, tag)),
    ...aboutOf(block).flatMap(id => [ofId(INDEXES.about, id), ofId(INDEXES.aboutBy, id, author)]),
    ...linksOf(block).flatMap(({ id, relation }) => [ofId(INDEXES.link, id), ofId(INDEXES.relation, id, relation)]),
    ...supersededBy(block).map(id => ofId(INDEXES.supersedes, id)),
    ...(retracted === undefined ? [] : [retractedTerm(retracted, author)]),
  ]
  return [...new Map(terms.map(term => [nameOf(term), term])).values()]
}

/** Whether this author withdraws this block. */
export const retractedTerm = (id: string, author: string): Term => ofId(INDEXES.retracted, id, author)

/** The terms that a query asks for; `undefined` when an id in it is none, so that nothing can be found. */
export function termsAsked(query: BlockQuery): Term[] | undefined {
  const { author, kind, model, tags = [], about, linksTo, relation, supersedes } = query
  for (const id of [about, linksTo, supersedes]) if (id !== undefined && !digestOf(id)) return undefined
  const terms = tags.map(tag => text(INDEXES.tag, tag))
  if (author !== undefined) terms.push(text(INDEXES.author, author))
  if (kind !== undefined) terms.push(text(INDEXES.kind, kind))
  if (model !== undefined) terms.push(text(INDEXES.model, model))
  if (about !== undefined)
    terms.push(author === undefined ? ofId(INDEXES.about, about) : ofId(INDEXES.aboutBy, about, author))
  if (linksTo !== undefined)
    terms.push(relation === undefined ? ofId(INDEXES.link, linksTo) : ofId(INDEXES.relation, linksTo, relation))
  if (supersedes !== undefined) terms.push(ofId(INDEXES.supersedes, supersedes))
  return [...new Map(terms.map(term => [nameOf(term), term])).values()]
}

export const countedTerm = (index: CountedIndex, value: string): Term => text(INDEXES[index], value)
