import { Cid, utf8 } from '../../../base/index'
import { COUNTED } from '../../../store/for-adapters'
import { retracts } from '../../../store/index'

/**
 * A term of the store (`termsOf`) is the letter of its index and what is indexed. Author, kind and model are columns of a
 * block; that an author retracts a block is only asked for; all others have postings.
 */
const COLUMNS: Readonly<Record<string, string>> = {
  [COUNTED.author]: 'author',
  [COUNTED.kind]: 'kind',
  [COUNTED.model]: 'model',
}
const RETRACTS = retracts('', '').charAt(0)

/** The column of `block` that holds a term's number; without one it has postings. */
export const columnOf = (term: string): string | undefined => COLUMNS[term.charAt(0)]
export const hasPostings = (term: string): boolean => columnOf(term) === undefined && term.charAt(0) !== RETRACTS

/** A term as the tables keep it: bytes, so that no collation orders it, and any text may be in it. */
export const termBytes = (term: string): Uint8Array => utf8(term)

const decoder = new TextDecoder()
export const termText = (bytes: unknown): string => decoder.decode(bytes as Uint8Array)
/** What is indexed, without the letter of the index. */
export const termName = (bytes: unknown): string => termText(bytes).slice(1)

export const idOf = (digest: Uint8Array): string => Cid.textOf(digest)
