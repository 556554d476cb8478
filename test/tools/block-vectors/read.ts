import { readFileSync } from 'node:fs'
import { VECTORS } from '../make-block-vectors'
import type { OpeningVector } from './openings'
import { hex, join } from './raw-cbor'
import type { PackedHex, RefusedVector, ValidVector } from './sealing'

/** The bytes that a vector packs. */
export function unpack(packed: PackedHex): Uint8Array {
  return join(
    packed.map(part =>
      typeof part === 'string' ? hex(part) : new Uint8Array(part[1]).fill(Number.parseInt(part[0], 16)),
    ),
  )
}

const read = <T>(name: string): readonly T[] => JSON.parse(readFileSync(VECTORS + name, 'utf8')) as readonly T[]

/** The committed vectors. */
export const validBlocks = read<ValidVector>('valid.json')
export const refusedBlocks = ['refused-form.json', 'refused-fields.json', 'refused-signatures.json'].flatMap(name =>
  read<RefusedVector>(name),
)
export const openedBlocks = read<OpeningVector>('openings.json')
