import { utf8, type CborValue, type Failure } from '../base/index'
import { LIMITS } from '../block/index'
import { SESSION_LIMITS } from './session-limits'

export function malformed(field: string, hint: string): Failure {
  return { code: 'protocol', field, hint }
}

export function isListOf<T extends CborValue>(
  value: CborValue | undefined,
  isElement: (element: CborValue) => element is T,
  most: number,
  least = 1,
): value is readonly T[] {
  return Array.isArray(value) && value.length >= least && value.length <= most && value.every(isElement)
}

export function isCount(value: CborValue | undefined, most = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && value >= 0 && value <= most
}

export const isTime = (value: CborValue | undefined) => isCount(value, LIMITS.time)

export function isText(value: CborValue | undefined, mostBytes: number): value is string {
  return typeof value === 'string' && value.length <= mostBytes && utf8(value).length <= mostBytes
}

export const isDigest = (value: CborValue): value is Uint8Array => value instanceof Uint8Array && value.length === 32

export const isCells = (value: CborValue | undefined): value is Uint8Array =>
  value instanceof Uint8Array &&
  value.length > 0 &&
  value.length % SESSION_LIMITS.cell === 0 &&
  value.length <= SESSION_LIMITS.cellsInMessage * SESSION_LIMITS.cell

export const isEnvelope = (value: CborValue): value is Uint8Array =>
  value instanceof Uint8Array && value.length > 0 && value.length <= SESSION_LIMITS.envelope

export const isItem = (value: CborValue): value is readonly [number, Uint8Array] =>
  Array.isArray(value) && value.length === 2 && isCount(value[0], LIMITS.time) && isDigest(value[1] as CborValue)

export const isKind = (value: CborValue): value is readonly [number, string] =>
  Array.isArray(value) && value.length === 2 && isCount(value[0]) && isText(value[1], SESSION_LIMITS.kindBytes)

export const isCursor = (value: CborValue | undefined, least: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length >= least && value.length <= SESSION_LIMITS.cursor

export const isExtension = (value: CborValue): value is string =>
  value !== '' && isText(value, SESSION_LIMITS.extensionBytes)
