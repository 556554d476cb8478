import { checkNames, CosmicError, fields, mapList, refuse } from '../base/index'
import { takeOpened } from '../block/index'
import { restoreVerified } from '../validate/index'
import type {
  CountedIndex,
  EraseReason,
  LogCursor,
  LogOptions,
  PutBlock,
  Rejudgement,
  TermsOptions,
  WaitOptions,
} from './block-store'
import { checkLimit, checkNumbers } from './check-query'
import { assertAttached, checkOptions, checkWait } from './check-storage-call'
import type { CompactionOptions } from './key-value-storage'
import { MAX_PUT_BLOCKS, MAX_PUT_BYTES } from './put-limits'
import { COUNTED } from './terms'
import { UINT48_MAX } from './uint48'

// What every `BlockStore` checks of a call before it does anything, so that all refuse the same, by name.

const REASONS: readonly EraseReason[] = ['expired', 'pruned', 'below-floor', 'withdrawn']
/** What a code looks like: those of the library, and of policies that have their own. */
const CODE = /^[a-z0-9-]{1,64}$/

/**
 * The blocks as they are to be stored. One that does not come from the funnel is read anew from a copy of its bytes, whose
 * id it must have: it may have other fields than they, and whoever holds it may write into them.
 */
export function checkPut(blocks: readonly PutBlock[], options?: WaitOptions): readonly PutBlock[] {
  checkWait(options)
  checkList(blocks, 'blocks')
  if (blocks.length > MAX_PUT_BLOCKS) throw tooLarge('blocks', MAX_PUT_BLOCKS)
  let bytes = 0
  for (const put of blocks as readonly unknown[]) bytes += checkBlock(put)
  if (bytes > MAX_PUT_BYTES) throw tooLarge('bytes', MAX_PUT_BYTES)
  return mapList(blocks, owned)
}

/** Answers how many bytes it has. */
function checkBlock(put: unknown): number {
  const { block, admitted, code, pinned } = objectOf(put, 'blocks') as Partial<PutBlock>
  const { id, bytes } = objectOf(block, 'blocks.block') as Partial<PutBlock['block']>
  if (typeof id !== 'string') refuse('bad-type', 'blocks.block.id', 'an id')
  if (!(bytes instanceof Uint8Array)) refuse('bad-type', 'blocks.block.bytes', 'an envelope')
  assertAttached(bytes, 'blocks.block.bytes')
  checkJudgement(admitted, code, 'blocks')
  if (pinned !== undefined && typeof pinned !== 'boolean') refuse('bad-type', 'blocks.pinned', 'true or false')
  return bytes.length
}

function owned(put: PutBlock): PutBlock {
  if (takeOpened(put.block)) return put
  const read = restoreVerified(put.block.bytes)
  if (read.ok && read.value.id === put.block.id) return { ...put, block: read.value }
  throw new CosmicError({ code: 'bad-value', field: 'blocks.block.id', hint: 'its bytes are not of this id' })
}

export function checkJudgements(judgements: readonly Rejudgement[]): void {
  checkList(judgements, 'judgements')
  for (const each of judgements as readonly unknown[]) {
    const { id, admitted, code } = objectOf(each, 'judgements') as Partial<Rejudgement>
    checkId(id, 'judgements.id')
    checkJudgement(admitted, code, 'judgements')
  }
}

function checkJudgement(admitted: unknown, code: unknown, path: string): void {
  if (typeof admitted !== 'boolean') refuse('bad-type', `${path}.admitted`, 'true or false')
  if (code === undefined) return
  if (typeof code !== 'string' || !CODE.test(code)) refuse('bad-value', `${path}.code`, 'a code')
  if (admitted)
    refuse('bad-value', `${path}.code`, 'says why a block is not admitted: leave it out, or admitted: false')
}

export function checkIds(ids: readonly string[]): void {
  checkList(ids, 'ids')
  for (const id of ids) checkId(id, 'ids')
}

export function checkId(id: unknown, field = 'id'): void {
  if (typeof id !== 'string') refuse('bad-type', field, 'an id')
}

export function checkErasure(ids: readonly string[], reason: EraseReason): void {
  checkIds(ids)
  if (!REASONS.includes(reason)) refuse('bad-value', 'reason', `one of ${REASONS.join(', ')}`)
}

/** Times have 48 bits. */
export function checkFloor(time: number): void {
  if (time === undefined) refuse('bad-value', 'time', 'a number is needed')
  checkNumbers({ time })
  if (time > UINT48_MAX) throw new CosmicError({ code: 'bad-value', field: 'time', limit: UINT48_MAX })
}

export function checkDrop(floor: number, limit: number, only: unknown): void {
  if (floor === undefined) refuse('bad-value', 'floor', 'a number is needed')
  checkNumbers({ floor })
  if (limit === undefined) refuse('bad-value', 'limit', 'a whole number is needed')
  checkLimit(limit)
  if (only !== undefined && only !== 'stubs') refuse('bad-value', 'only', 'stubs, or nothing')
}

export function checkTerms(index: CountedIndex, options: TermsOptions = {}): void {
  checkNamed(options, 'after', 'limit')
  if (typeof index !== 'string' || !Object.hasOwn(COUNTED, index))
    refuse('bad-value', 'index', `one of ${Object.keys(COUNTED).join(', ')}`)
  if (options.after !== undefined && typeof options.after !== 'string') refuse('bad-type', 'after', 'a term')
  checkLimit(options.limit)
}

export function checkLog(options: LogOptions = {}): void {
  checkNamed(options, 'after', 'limit', 'signal')
  const { after, limit } = options
  checkLimit(limit)
  if (typeof after === 'number') checkNumbers({ after })
  else if (after !== undefined) checkCursor(after, 'after')
}

export function checkCursor(cursor: LogCursor, field = 'cursor'): void {
  const { epoch, seq, chain } = objectOf(cursor, field) as Partial<LogCursor>
  if (typeof epoch !== 'string' || typeof chain !== 'string') refuse('bad-type', field, 'epoch, seq and chain')
  if (typeof seq !== 'number') refuse('bad-type', `${field}.seq`, 'a place of the log')
  if (!Number.isInteger(seq) || seq < 0) refuse('bad-value', `${field}.seq`, 'a whole number from 0 on')
}

export function checkCompaction(options: CompactionOptions = {}): void {
  checkNamed(options, 'budgetMs', 'onProgress', 'signal')
  const { budgetMs, onProgress } = options
  checkNumbers({ budgetMs })
  if (onProgress !== undefined && typeof onProgress !== 'function') refuse('bad-type', 'onProgress', 'a function')
}

export function checkListener(listener: unknown): void {
  if (typeof listener !== 'function') refuse('bad-type', 'listener', 'a function')
}

function objectOf(value: unknown, field: string): object {
  return fields(value, field)
}

/** Options, and none of another name. */
function checkNamed(options: object, ...names: readonly string[]): void {
  checkOptions(options)
  checkNames(options, names)
}

function checkList(value: unknown, field: string): void {
  if (!Array.isArray(value)) refuse('bad-type', field, 'a list')
}

function tooLarge(field: string, limit: number): CosmicError {
  return new CosmicError({ code: 'limit', field: `put.${field}`, limit, hint: 'put fewer at once' })
}
