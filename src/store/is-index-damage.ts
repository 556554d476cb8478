import { CosmicError } from '../base/index'

/** Damage that is made good by making indexes, ids, counts and log anew from the records. */
export function isIndexDamage(error: unknown): error is CosmicError {
  if (!(error instanceof CosmicError) || error.code !== 'storage' || error.field === undefined) return false
  return ['ids', 'indexes', 'terms', 'totals'].includes(error.field) || error.field.startsWith('log.')
}
