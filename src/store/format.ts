import { CosmicError, utf8 } from '../base/index'
import type { KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey } from './layout'

/** Claims an empty storage for the format, or checks that it was. Rejects with `storage` otherwise. */
export async function assertFormat(storage: KeyValueStorage): Promise<void> {
  const found = await storage.get(formatKey())
  if (found !== undefined) {
    const name = new TextDecoder().decode(found)
    if (name === FORMAT) return
    const hint = name.startsWith('cosmic-embeddings/store/')
      ? 'it was written by another version of cosmic-embeddings: use that version, or another storage'
      : 'the storage belongs to something else: choose another'
    throw new CosmicError({ code: 'storage', field: 'format', limit: FORMAT, hint })
  }
  for await (const _ of storage.range({ limit: 1 })) {
    throw new CosmicError({
      code: 'storage',
      field: 'format',
      hint: 'the storage is not empty and holds no block store: choose another',
    })
  }
  await storage.batch([{ type: 'put', key: formatKey(), value: utf8(FORMAT) }])
}
