import type { Failure } from '../../base/index'
import type { Entry } from '../entry'
import type { CoreQuery, SavedPage, SavedSpace } from '../search-core'

/** Of the messages: a worker of another version is refused. */
export const PROTOCOL = 1

/** Calls that are answered, with their arguments. */
export interface Calls {
  look: readonly []
  settled: readonly []
  search: readonly [CoreQuery]
  restore: readonly [readonly SavedSpace[], number]
  load: readonly [readonly SavedPage[]]
  restored: readonly []
  lacking: readonly [readonly string[]]
  endAudit: readonly []
  startTaking: readonly []
  take: readonly [number]
  saved: readonly []
}

export type CallName = keyof Calls

export interface OpenMessage {
  readonly type: 'open'
  readonly protocol: number
  /** Exact vectors are asked for (`vectors`) instead of kept. */
  readonly asks: boolean
  readonly module?: WebAssembly.Module
  readonly maxBytes?: number
  readonly clustersFrom?: number
}

/** What a worker is told. `ping` is answered by `pong`; nothing else is taken before `open`. */
export type ToWorker =
  | OpenMessage
  | { readonly type: 'add'; readonly entries: readonly Entry[] }
  | { readonly type: 'remove'; readonly ids: readonly string[] }
  | { readonly type: 'redo'; readonly pages: readonly SavedPage[] }
  | { readonly type: 'call'; readonly id: number; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'vectors'; readonly id: number; readonly vectors: readonly (Float32Array | undefined)[] }
  | { readonly type: 'refused'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'ping' }

/** What it tells. */
export type FromWorker =
  | { readonly type: 'ready'; readonly protocol: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }
  /** Asks for the exact vectors of blocks. */
  | { readonly type: 'ask'; readonly id: number; readonly ids: readonly string[] }
  /** Something failed in the background. */
  | { readonly type: 'error'; readonly failure: Failure }
  | { readonly type: 'pong' }

type Fields = Readonly<Record<string, unknown>>
type Shape = Readonly<Record<string, (value: unknown) => boolean>>

const isNumber = (value: unknown) => Number.isInteger(value)
const isList = (value: unknown) => Array.isArray(value)
const isTextList = (value: unknown) => Array.isArray(value) && value.every(each => typeof each === 'string')
const isFailure = (value: unknown) => isRecord(value) && typeof value.code === 'string'
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isVectors = (value: unknown) =>
  Array.isArray(value) && value.every(each => each === undefined || each instanceof Float32Array)
const CALLS = {
  ...{ look: true, settled: true, search: true, restore: true, load: true, restored: true },
  ...{ lacking: true, endAudit: true, startTaking: true, take: true, saved: true },
} satisfies Readonly<Record<CallName, true>>

const TO_WORKER: Readonly<Record<ToWorker['type'], Shape>> = {
  open: { protocol: isNumber, asks: value => typeof value === 'boolean' },
  add: { entries: isList },
  remove: { ids: isTextList },
  redo: { pages: isList },
  call: { id: isNumber, name: value => typeof value === 'string' && Object.hasOwn(CALLS, value), args: isList },
  abort: { id: isNumber },
  vectors: { id: isNumber, vectors: isVectors },
  refused: { id: isNumber, failure: isFailure },
  ping: {},
}

const FROM_WORKER: Readonly<Record<FromWorker['type'], Shape>> = {
  ready: { protocol: isNumber },
  answer: { id: isNumber },
  failed: { id: isNumber, failure: isFailure },
  ask: { id: isNumber, ids: isTextList },
  error: { failure: isFailure },
  pong: {},
}

/** `undefined` for what is no message of this protocol. */
export const readToWorker = (value: unknown) => read<ToWorker>(TO_WORKER, value)
export const readFromWorker = (value: unknown) => read<FromWorker>(FROM_WORKER, value)

function read<T>(shapes: Readonly<Record<string, Shape>>, value: unknown): T | undefined {
  if (!isRecord(value) || typeof value.type !== 'string' || !Object.hasOwn(shapes, value.type)) return undefined
  const fits = Object.entries(shapes[value.type]!).every(([field, holds]) => holds(value[field]))
  return fits ? (value as T) : undefined
}

/** An error as it travels. */
export function failureOf(error: unknown): Failure {
  if (isRecord(error) && typeof error.code === 'string') {
    const { code, message, field, offset, limit, hint } = error as unknown as Failure
    return Object.fromEntries(
      Object.entries({ code, message, field, offset, limit, hint }).filter(([, value]) => value !== undefined),
    ) as unknown as Failure
  }
  return { code: 'worker', message: `worker: ${String(error)}` }
}
