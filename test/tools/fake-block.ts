import type { VerifiedBlock } from '../../src/block/index'
import type { StoredBlock } from '../../src/store/index'

export interface FakeFields {
  readonly id: string
  readonly vector: ArrayLike<number>
  readonly model?: string
  readonly tags?: readonly string[]
  readonly author?: string
  readonly expires?: number
  readonly time?: number
}

/** A stored block without signature, for code that reads nothing but its fields: thousands cost nothing. */
export function fakeBlock({
  id,
  vector,
  model = 'test:model',
  author = 'did:key:a',
  ...fields
}: FakeFields): StoredBlock {
  const data = new Uint8Array(Float32Array.from(vector).buffer)
  const embedding = { model, dims: vector.length, type: 'f32', data }
  const block = { id, kind: 'embedding', author, time: 0, tags: [], embedding, ...fields }
  return { block: block as unknown as VerifiedBlock, admitted: true }
}
