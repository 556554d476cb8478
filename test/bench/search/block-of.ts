import type { SearchResult, StoredBlock } from 'cosmic-embeddings'

export const MODEL = 'acme:bench'
/** As long as a real id. */
const HEAD = 'b'.repeat(50)
const characters = new TextEncoder().encode(HEAD + '0'.repeat(9))

/** Rows with the tag that one in a hundred has. */
export const isRare = (row: number): boolean => row % 100 === 0

/** What an engine reads of a verified block. */
export function blockOf(row: number, vector: Float32Array): StoredBlock {
  const data = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
  const embedding = { model: MODEL, dims: vector.length, type: 'f32', data }
  const id = idOf(row)
  const tags = isRare(row) ? ['rare'] : []
  const block = { id, kind: 'embedding', author: 'did:key:bench', time: row, tags, embedding }
  return { block: block as unknown as StoredBlock['block'], admitted: true }
}

/** Made as real ids are, in one piece: two that are joined burden whoever first looks one up. */
function idOf(row: number): string {
  for (let at = characters.length - 1, left = row; at >= HEAD.length; at--, left = Math.floor(left / 10))
    characters[at] = 0x30 + (left % 10)
  return String.fromCharCode(...characters)
}

/** Row numbers of what a search found. */
export function rowsOf(answer: unknown): number[] {
  return (answer as SearchResult).hits.map(({ id }) => Number.parseInt(id.slice(HEAD.length), 10))
}
