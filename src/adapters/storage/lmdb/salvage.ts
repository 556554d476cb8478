import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { abortSignal, CosmicError, equal, func, record, text, throwIfAborted, utf8 } from '../../../base/index'
import { decodeBlock, exportCar } from '../../../block/index'
import { leafValues } from './leaf-values'
import { HEADER_BYTES } from './tree-page'

/** How a salvage goes on, and what it came to when `pages` equals `total`. */
export interface SalvageProgress {
  /** Pages of the file that were looked at, of so many. */
  readonly pages: number
  readonly total: number
  /** Blocks that were found whole in form, each once; their signatures are checked by whoever stores them. */
  readonly blocks: number
  /** What looked like a block's record and is none any more. */
  readonly damaged: number
}

export interface SalvageOptions {
  readonly signal?: AbortSignal
  /** Called after every 256 pages, and at the end. */
  readonly onProgress?: (progress: SalvageProgress) => void
}

const readOptions = record<SalvageOptions>({ signal: abortSignal, onProgress: func })

/** How every envelope begins: an array of four, the protected header, an empty map (docs/spec/block.md, section 1). */
const ENVELOPE = Uint8Array.of(0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0)
/** Of a record, before its code: sum, flags, length of the code. */
const RECORD_HEADER = 6
/** How the format of a block store begins, which one of its values is. */
const FORMAT = utf8('cosmic-embeddings/store/')
const PAGE_SIZES = [16_384, 4_096, 8_192, 32_768, 65_536]
/** Pages by which the size of pages is found out. */
const SAMPLE = 64
const STEP = 256

/**
 * Reads what is left of the blocks in the directory of a storage that `lmdbStorage` refuses, without LMDB and without changing it:
 * every page is looked at for itself, whatever leads to it. Answers a CAR archive, for `client.import` of a client over
 * another directory, which verifies each block and judges it anew.
 *
 * What was erased and not compacted since may be among it; it is withdrawn again by its retraction, or refused as expired.
 * Blocks that wait for their time are; judgements, stubs, the floor and what other rooms keep beside the blocks are not. Rejects
 * with `storage` where there is no file, or one in which nothing is of a block store, and with `aborted`.
 *
 * @example
 * ```ts
 * const client = new SyncClient({ signer, storage: await lmdbStorage('./agent-data-new') })
 * await client.start()
 * const { stored, refused } = await client.import(salvageLmdb('./agent-data'))
 * ```
 */
export async function* salvageLmdb(path: string, options: SalvageOptions = {}): AsyncGenerator<Uint8Array, void> {
  const read = readOptions(options, '')
  throwIfAborted(read.signal)
  const file = openFile(join(text(path, 'path'), 'data.mdb'))
  try {
    yield* exportCar(envelopes(file, read))
  } finally {
    closeSync(file)
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    const hint = `check that ${path} is there and may be read`
    throw new CosmicError({ code: 'storage', field: 'path', hint }, { cause: error })
  }
}

async function* envelopes(file: number, { signal, onProgress }: SalvageOptions) {
  const { size } = fstatSync(file)
  const pageSize = pageSizeOf(file)
  const total = Math.ceil(size / pageSize)
  const seen = new Set<string>()
  let damaged = 0
  let isStore = false
  for (let page = 0; page < total; page++) {
    for (const value of valuesOf(file, page, pageSize)) {
      isStore ||= equal(value.subarray(0, FORMAT.length), FORMAT)
      const envelope = envelopeOf(value)
      if (envelope === undefined) continue
      const block = decodeBlock(envelope)
      if (!block.ok) damaged++
      else if (!seen.has(block.value.id)) {
        seen.add(block.value.id)
        yield { bytes: envelope }
      }
    }
    if ((page + 1) % STEP > 0) continue
    throwIfAborted(signal)
    onProgress?.({ pages: page + 1, total, blocks: seen.size, damaged })
    await setImmediate()
  }
  throwIfAborted(signal)
  if (seen.size + damaged === 0 && !isStore) throw foreign()
  onProgress?.({ pages: total, total, blocks: seen.size, damaged })
}

function foreign(): CosmicError {
  const hint = 'no page of the file has anything of a block store: check the path'
  return new CosmicError({ code: 'storage', field: 'path', hint })
}

/** The size at which most of the first pages say that they are where they are; their own word for it may be damaged. */
function pageSizeOf(file: number): number {
  const fits = PAGE_SIZES.map(size => {
    const numbers = Array.from({ length: SAMPLE }, (_, i) => readBytes(file, i * size, 8))
    return numbers.filter((bytes, i) => i > 0 && bytes.length === 8 && bytes.readBigUInt64LE() === BigInt(i)).length
  })
  return PAGE_SIZES[fits.indexOf(Math.max(...fits))]!
}

/** Values on a page, as far as its parts fit together; those on pages of their own included. */
function* valuesOf(file: number, number: number, pageSize: number): Generator<Uint8Array> {
  const page = readBytes(file, number * pageSize, pageSize)
  for (const { value, overflow } of leafValues(page)) {
    if (value) yield value
    if (overflow) yield readBytes(file, overflow.first * pageSize + HEADER_BYTES, overflow.bytes)
  }
}

/** Of a block's record, or of a block that waits for its time, behind the name of who brought it. */
function envelopeOf(value: Uint8Array): Uint8Array | undefined {
  for (const start of [RECORD_HEADER + (value[RECORD_HEADER - 1] ?? 0), 1 + (value[0] ?? 0)]) {
    if (equal(value.subarray(start, start + ENVELOPE.length), ENVELOPE)) return Uint8Array.from(value.subarray(start))
  }
  return undefined
}

function readBytes(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(file, buffer, 0, length, position))
}
