import type { Place } from '../../src/base/index'
import { createBlock, type VerifiedBlock } from '../../src/block/index'
import { Signer } from '../../src/signer/index'
import type { StoredBlock } from '../../src/store/index'
import { CosmicValidator } from '../../src/validate/index'

export interface SampleFields {
  readonly vector?: ArrayLike<number>
  readonly model?: string
  readonly tags?: readonly string[]
  readonly time?: number
  readonly expires?: number
  /** Which of 256 authors. */
  readonly author?: number
  readonly admitted?: boolean
  readonly text?: string
  readonly place?: Place
}

export const signerOf = (author: number) => Signer.fromSeed(new Uint8Array(32).fill(author))

/** A real block, signed and decoded. */
export async function sampleBlock(fields: SampleFields = {}): Promise<VerifiedBlock> {
  const { vector = [1, 2, 3], model = 'test:model', tags = [], time = 1_000_000, author = 1, text = 'sample' } = fields
  const optional = {
    ...(fields.expires !== undefined && { expires: fields.expires }),
    ...(fields.place && { place: fields.place }),
  }
  const input = { type: 'text' as const, content: text }
  const block = await createBlock({ embedding: vector, model, input, tags, time, ...optional }, await signerOf(author))
  const verdict = await new CosmicValidator().validate(block)
  if (verdict.status !== 'valid') throw new Error(verdict.summary)
  return verdict.block
}

export async function storedBlock(fields: SampleFields = {}): Promise<StoredBlock> {
  const block = await sampleBlock(fields)
  return fields.admitted === false ? { block, admitted: false, code: 'policy' } : { block, admitted: true }
}
