import { expect } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { createBlock, type BlockFields } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'

export const time = Date.UTC(2026, 0, 1)
/** The least that makes a block. */
export const base = { embedding: [0.5, -1, 2], model: 'acme:embed-1', time } as const
export const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))

/** The error that `createBlock` rejects with. */
export async function refusal(fields: unknown): Promise<CosmicError> {
  const error: unknown = await createBlock(fields as BlockFields, signer).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(CosmicError)
  return error as CosmicError
}
