import type { BlockFields, EmbedderFields, SealedFields, VectorFields } from './block-fields'
import { embedInput } from './embed-input'

/** Kinds whose one own field has the kind's name and is given as it is signed. */
const PLAIN_KINDS = [
  'translator',
  'profile',
  'keywrap',
  'rotation',
  'retraction',
  'witness',
  'inclusion',
  'timeproof',
] as const

/** The kind of a new block and the fields that no other kind has. Sealing is loaded on first use. */
export async function ownFields(fields: BlockFields, author: Uint8Array): Promise<{ kind: string; own: object }> {
  const plain = PLAIN_KINDS.find(kind => fields[kind] !== undefined)
  if (plain !== undefined) return { kind: plain, own: { [plain]: fields[plain] } }
  const embedded = fields as VectorFields | EmbedderFields | SealedFields
  if (embedded.recipients === undefined) return { kind: 'embedding', own: await embedInput(embedded) }
  const { recipients, random, ...open } = embedded
  const { seal } = await import('./sealing')
  return { kind: 'sealed', own: { sealed: await seal(await embedInput(open), author, recipients, random) } }
}
