import { Document } from '@langchain/core/documents'
import { CosmicError } from '../../base/index'
import type { SearchHit } from '../../client/index'
import { memoryOf, type Memory } from '../memory/index'

/** Under `metadata.cosmic`: who says what the document says, and what was verified about it. Never from the block’s own metadata. */
export type MemoryMetadata = Omit<Memory, 'text'>

/** A block’s own metadata, as JSON: blocks hold no fractions. */
const METADATA = 'langchain/metadata'
/** Before the id by which a program knows its document, as a tag. */
const ID_TAG = 'langchain-id:'
const MAX_TAG_BYTES = 128

/** The tag that stands for a program’s own id of a document. Throws `out-of-range`. */
export function idTag(id: string): string {
  const tag = ID_TAG + id
  if (id !== '' && new TextEncoder().encode(tag).length <= MAX_TAG_BYTES) return tag
  throw new CosmicError({ code: 'out-of-range', field: 'ids', limit: `1 … ${MAX_TAG_BYTES - ID_TAG.length} bytes` })
}

/** Throws `bad-value` for metadata that JSON does not hold. */
export function extensionsOf(metadata: Readonly<Record<string, unknown>> = {}): { [METADATA]: string } | undefined {
  const { cosmic: _, ...own } = metadata
  if (Object.keys(own).length === 0) return undefined
  try {
    return { [METADATA]: JSON.stringify(own) }
  } catch (cause) {
    throw new CosmicError({ code: 'bad-value', field: 'metadata', hint: 'what JSON can hold' }, { cause })
  }
}

/** A hit as a document. Its `id` is the program’s own where this agent gave one, else the block’s. */
export function documentOf(hit: SearchHit, self: string): Document {
  const { text = '', tags = [], ...memory } = memoryOf(hit, self)
  const given = memory.own ? tags.find(tag => tag.startsWith(ID_TAG))?.slice(ID_TAG.length) : undefined
  const shown = tags.filter(tag => !tag.startsWith(ID_TAG))
  const cosmic: MemoryMetadata = { ...memory, ...(shown.length > 0 && { tags: shown }) }
  const metadata = { ...storedMetadata(hit.block.extensions?.[METADATA]), cosmic }
  return new Document({ id: given ?? memory.id, pageContent: text, metadata })
}

/** Anybody may have written it: what is no JSON object is none. */
function storedMetadata(stored: unknown): Record<string, unknown> {
  if (typeof stored !== 'string') return {}
  try {
    const value: unknown = JSON.parse(stored)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
    const { __proto__: _, ...own } = value as Record<string, unknown>
    return own
  } catch {
    return {}
  }
}
