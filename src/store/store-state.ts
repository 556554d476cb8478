import { attempt } from '../base/index'
import { CHAIN_BYTES, EPOCH_BYTES } from './chain'
import { SUM_BYTES, checkSum, sum } from './summed'
import type { KeyValueStorage } from './key-value-storage'
import { stateKey } from './layout'
import { FIRST_TERM } from './terms'
import { readUint32, readUint48, writeUint32, writeUint48 } from './uint48'

/** What the store knows of itself as a whole; written with every batch. */
export interface StoreState {
  epoch: Uint8Array
  /** Of the newest log entry; 0 when there is none. */
  seq: number
  /** Over all ids up to `seq`. */
  chain: Uint8Array
  blocks: number
  admitted: number
  /** Envelope bytes of the blocks held. */
  bytes: number
  pruned: number
  /** Retractions that wait for their block. */
  waiting: number
  /** The declared floor in milliseconds. */
  floor: number
  nextTerm: number
  /** Rows of the dictionary; `undefined` in a state that an earlier version wrote, which did not count them. */
  terms: number | undefined
}

const NUMBERS = ['seq', 'blocks', 'admitted', 'bytes', 'pruned', 'waiting', 'floor'] as const
const NUMBERS_AT = SUM_BYTES + EPOCH_BYTES + CHAIN_BYTES
const TERMS_AT = NUMBERS_AT + 6 * NUMBERS.length + 4
const STATE_BYTES = TERMS_AT + 6

export function emptyState(epoch: Uint8Array): StoreState {
  const zero = { seq: 0, blocks: 0, admitted: 0, bytes: 0, pruned: 0, waiting: 0, floor: 0 }
  return { epoch, chain: new Uint8Array(CHAIN_BYTES), ...zero, nextTerm: FIRST_TERM, terms: 0 }
}

export function encodeState(state: StoreState): Uint8Array {
  const value = new Uint8Array(state.terms === undefined ? TERMS_AT : STATE_BYTES)
  value.set(state.epoch, SUM_BYTES)
  value.set(state.chain, SUM_BYTES + EPOCH_BYTES)
  NUMBERS.forEach((name, i) => writeUint48(value, NUMBERS_AT + 6 * i, state[name]))
  writeUint32(value, TERMS_AT - 4, state.nextTerm)
  if (state.terms !== undefined) writeUint48(value, TERMS_AT, state.terms)
  return sum(value, stateKey())
}

/** Throws `storage` with the field `totals` when it is not what was written. */
export function decodeState(value: Uint8Array = new Uint8Array(0)): StoreState {
  checkSum(value, stateKey(), 'totals')
  const numbers = Object.fromEntries(NUMBERS.map((name, i) => [name, readUint48(value, NUMBERS_AT + 6 * i)]))
  return {
    epoch: value.slice(SUM_BYTES, SUM_BYTES + EPOCH_BYTES),
    chain: value.slice(SUM_BYTES + EPOCH_BYTES, NUMBERS_AT),
    ...(numbers as Record<(typeof NUMBERS)[number], number>),
    nextTerm: readUint32(value, TERMS_AT - 4),
    terms: value.length >= STATE_BYTES ? readUint48(value, TERMS_AT) : undefined,
  }
}

/** Throws as `decodeState`. */
export async function readState(storage: KeyValueStorage): Promise<StoreState> {
  return decodeState(await storage.get(stateKey()))
}

/** Where it is damaged, an empty one. */
export function decodeStateOr(value: Uint8Array | undefined, epoch: Uint8Array): StoreState {
  const state = attempt(() => decodeState(value))
  return state.ok ? state.value : emptyState(epoch)
}

/** What an empty storage is given. */
export const firstState = (epoch: Uint8Array): Uint8Array => encodeState(emptyState(epoch))
