import type { BlockFields } from './block-fields'
import { embedInput } from './embed-input'

/** The kind of a new block and the fields that no other kind has. Sealing is loaded on first use. */
export async function ownFields(fields: BlockFields, author: Uint8Array): Promise<{ kind: string; own: object }> {
  if (fields.translator !== undefined) return { kind: 'translator', own: { translator: fields.translator } }
  if (fields.profile !== undefined) return { kind: 'profile', own: { profile: fields.profile } }
  if (fields.rotation !== undefined) return { kind: 'rotation', own: { rotation: fields.rotation } }
  if (fields.keywrap !== undefined) return { kind: 'keywrap', own: { keywrap: fields.keywrap } }
  if (fields.recipients === undefined) return { kind: 'embedding', own: await embedInput(fields) }
  const { recipients, random, ...open } = fields
  const { seal } = await import('./sealing')
  return { kind: 'sealed', own: { sealed: await seal(await embedInput(open), author, recipients, random) } }
}
