import { abortSignal, checkNames, CosmicError, fields, refuse } from '../base/index'
import { type BatchOperation, type CallOptions, MAX_KEY_BYTES, type RangeOptions } from './key-value-storage'

// What every adapter checks of a call before it touches its engine, so that all refuse the same. `most` is the longest key.

export function checkKeys(keys: readonly Uint8Array[], options?: CallOptions, most?: number): void {
  checkWait(options)
  if (!Array.isArray(keys)) refuse('bad-type', 'keys', 'a list of byte keys')
  for (const key of keys as unknown[]) checkBytes(key, 'key', 1, most)
}

export function checkBatch(operations: readonly BatchOperation[], options?: CallOptions, most?: number): void {
  checkWait(options)
  if (!Array.isArray(operations)) refuse('bad-type', 'operations', 'a list of operations')
  for (const operation of operations as (BatchOperation | undefined)[]) {
    checkBytes(operation?.key, 'key', 1, most)
    if (operation!.type === 'put') checkBytes(operation!.value, 'value', 0, Infinity)
    else if (operation!.type !== 'delete') refuse('bad-value', 'type', 'put or delete')
  }
}

/** Bounds are no longer than keys, and may be empty; a limit is a whole number, or `Infinity`. */
export function checkRange(options: RangeOptions, most?: number): void {
  checkOptions(options)
  checkNames(options, RANGE)
  const { gte, lt, limit = 0 } = options
  if (gte !== undefined) checkBytes(gte, 'gte', 0, most)
  if (lt !== undefined) checkBytes(lt, 'lt', 0, most)
  if (limit !== Infinity && !Number.isInteger(limit)) refuse('bad-value', 'limit', 'a whole number is needed')
}

const RANGE = ['gte', 'lt', 'reverse', 'limit', 'signal']
const WAIT = ['signal']

/** Options of a call that only takes a signal. */
export function checkWait(options?: CallOptions): void {
  checkOptions(options)
  if (options) checkNames(options, WAIT)
}

export function checkOptions(options: CallOptions = {}): void {
  const { signal } = fields(options, 'options')
  if (signal !== undefined) abortSignal(signal, 'signal')
}

function checkBytes(bytes: unknown, field: string, least: number, most = MAX_KEY_BYTES): void {
  const { length } = bytes instanceof Uint8Array ? bytes : refuse('bad-type', field, 'a Uint8Array')
  if (length === 0) assertAttached(bytes as Uint8Array, field)
  if (length >= least && length <= most) return
  throw new CosmicError({ code: 'limit', field, limit: most, hint: `${field} has ${least} to ${most} bytes` })
}

/** Throws `bad-value` for bytes whose buffer was handed to another thread or shrunk away: they are none, and every use of them throws. */
export function assertAttached(bytes: Uint8Array, field: string): void {
  if (bytes.length > 0) return
  try {
    bytes.slice()
  } catch {
    refuse('bad-value', field, 'bytes that are there: their buffer was transferred')
  }
}
