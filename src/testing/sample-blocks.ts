import { Cid, compare, unwrap } from '../base/index'
import { type Block, createBlock, type VerifiedBlock } from '../block/index'
import { Signer } from '../signer/index'
import type { BlockStore, PutOutcome, StoredBlock } from '../store/index'
import { CosmicValidator } from '../validate/index'

export type Check = (name: string, body: (store: BlockStore) => Promise<void>) => unknown

interface Sample {
  readonly time: number
  readonly author: number
  readonly tags: readonly string[]
  readonly model: string
  readonly admitted: boolean
}

export const MODELS = ['suite:short', `suite:${'long-name-'.repeat(20)}`]
export const UNKNOWN_ID = `bafyrei${'a'.repeat(52)}`

/** Twenty-four blocks in a scattered order of time, some of equal time, over two authors, two models and three tags. */
export const SAMPLES: readonly Sample[] = Array.from({ length: 24 }, (_, i) => ({
  time: 1_000_000 + ((i * 7) % 12) * 1000,
  author: i % 2,
  tags: ['even', 'third', 'fifth'].filter((_tag, n) => i % [2, 3, 5][n]! === 0),
  model: MODELS[i % 3 === 0 ? 1 : 0]!,
  admitted: i % 4 !== 3,
}))

let made: Promise<readonly StoredBlock[]> | undefined
export const sampleBlocks = () => (made ??= Promise.all(SAMPLES.map(makeBlock)))

/** Of some 33 kB. */
export async function largeBlock(): Promise<StoredBlock> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  const input = { type: 'text' as const, content: 'large' }
  return stored(await createBlock({ embedding: new Float32Array(8192).fill(1), model: MODELS[0]!, input }, signer))
}

/** A block that was just made, verified and admitted. */
export async function stored({ bytes }: Block): Promise<StoredBlock> {
  const verdict = await new CosmicValidator().validate(bytes)
  return { block: (verdict as { block: VerifiedBlock }).block, admitted: true }
}

async function makeBlock({ time, author, tags, model, admitted }: Sample, index: number): Promise<StoredBlock> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(author + 1))
  const input = { type: 'text' as const, content: `sample ${index}` }
  const block = await createBlock({ embedding: [1, index, -index], model, input, tags, time }, signer)
  const made = await stored(block)
  return admitted ? made : { ...made, admitted, code: 'policy' }
}

/** The ids of those for which `put` answered `added`. */
export const addedOf = (blocks: readonly StoredBlock[], outcomes: readonly PutOutcome[]) =>
  idsOf(blocks.filter((_, i) => outcomes[i] === 'added'))

export const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)
/** The order of lists: by time, then by the digests that ids name. */
export const byTime = ({ block: a }: StoredBlock, { block: b }: StoredBlock) =>
  a.time - b.time || compare(unwrap(Cid.parse(a.id)).digest, unwrap(Cid.parse(b.id)).digest)

/** One by each of two authors, for the block of this id. */
export function keywraps(id: string): Promise<StoredBlock[]> {
  return Promise.all(
    [1, 2].map(async seed => {
      const signer = await Signer.fromSeed(new Uint8Array(32).fill(seed))
      const bytes = (length: number) => new Uint8Array(length).fill(seed)
      const wraps = [{ recipient: bytes(32), enc: bytes(32), key: bytes(48) }]
      return stored(await createBlock({ keywrap: { block: id, commitment: bytes(32), wraps }, time: seed }, signer))
    }),
  )
}
