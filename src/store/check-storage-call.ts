import { CosmicError, type ErrorCode } from '../base/index'
import { type BatchOperation, type CallOptions, MAX_KEY_BYTES, type RangeOptions } from './key-value-storage'

// What every adapter checks of a call before it touches its engine, so that all refuse the same. `most` is the longest key.

export function checkKeys(keys: readonly Uint8Array[], options?: CallOptions, most?: number): void {
  checkOptions(options)
  if (!Array.isArray(keys)) refuse('keys')
  for (const key of keys as unknown[]) checkBytes(key, 'key', 1, most)
}

export function checkBatch(operations: readonly BatchOperation[], options?: CallOptions, most?: number): void {
  checkOptions(options)
  if (!Array.isArray(operations)) refuse('operations')
  for (const operation of operations as (BatchOperation | undefined)[]) {
    checkBytes(operation?.key, 'key', 1, most)
    if (operation!.type === 'put') checkBytes(operation!.value, 'value', 0, Infinity)
    else if (operation!.type !== 'delete') refuse('type', 'bad-value')
  }
}

/** Bounds are no longer than keys, and may be empty; a limit is a whole number, or `Infinity`. */
export function checkRange(options: RangeOptions, most?: number): void {
  checkOptions(options)
  const { gte, lt, limit = 0 } = options
  if (gte !== undefined) checkBytes(gte, 'gte', 0, most)
  if (lt !== undefined) checkBytes(lt, 'lt', 0, most)
  if (limit !== Infinity && !Number.isInteger(limit)) refuse('limit', 'bad-value')
}

export function checkOptions(options: CallOptions = {}): void {
  const { signal } = typeof options === 'object' && options ? options : refuse('options')
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') refuse('signal')
}

function checkBytes(bytes: unknown, field: string, least: number, most = MAX_KEY_BYTES): void {
  const { length } = bytes instanceof Uint8Array ? bytes : refuse(field)
  if (length >= least && length <= most) return
  throw new CosmicError({ code: 'limit', field, limit: most, hint: `${field} has ${least} to ${most} bytes` })
}

function refuse(field: string, code: ErrorCode = 'bad-type'): never {
  throw new CosmicError({ code, field, hint: 'no such call: see KeyValueStorage' })
}
