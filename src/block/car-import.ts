import { fail, type Result } from '../base/index'
import { ByteReader, type ByteSource } from './byte-reader'
import { CarHalves } from './car-halves'
import { ARCHIVE, readHeader, readSections } from './car-sections'

/** How far an import has come. */
export interface CarProgress {
  /** Blocks handed on and done with. */
  readonly blocks: number
  /** The byte of the archive from which an interrupted import goes on: every block before it was handed on. */
  readonly offset: number
}

export interface CarImportOptions {
  /** The source begins at this byte of the archive (default 0), one that `onProgress` or `truncated` named. */
  readonly offset?: number
  /** Called when the next block is asked for, since then the one before was taken, and at the end. */
  readonly onProgress?: (progress: CarProgress) => void
  /** The iteration rejects with `aborted`. */
  readonly signal?: AbortSignal
}

/**
 * Reads the blocks of a CAR archive of any size: each envelope is rebuilt byte for byte, once the ids of its two sections
 * were recomputed. Its fields and its signature are for `CosmicValidator` to judge.
 *
 * A section that makes no block is refused where it stands (`bad-cid`, `too-large`, `missing-field`) and passed over. A
 * fault with the field `archive` is the last answer: `truncated`, `version`, `not-shortest`, `int-range`, `too-large`. Every
 * whole block before it was answered, and its `offset` is where an import goes on when the rest is there.
 *
 * @example
 * ```ts
 * for await (const read of importCar(createReadStream('memory.car'))) {
 *   if (read.ok) console.log((await validator.validate(read.value)).summary)
 *   else console.log(read.error.code, 'at byte', read.error.offset)
 * }
 * ```
 */
export async function* importCar(
  source: ByteSource,
  { offset = 0, onProgress, signal }: CarImportOptions = {},
): AsyncGenerator<Result<Uint8Array>, void, undefined> {
  const reader = new ByteReader(source, offset, signal)
  try {
    const refusal = offset === 0 ? await readHeader(reader) : undefined
    if (refusal !== undefined) yield fail(refusal)
    else yield* readBlocks(reader, onProgress ?? (() => undefined))
  } finally {
    await reader.close()
  }
}

async function* readBlocks(
  reader: ByteReader,
  onProgress: (progress: CarProgress) => void,
): AsyncGenerator<Result<Uint8Array>, void, undefined> {
  const halves = new CarHalves()
  let blocks = 0
  for await (const section of readSections(reader)) {
    if (!section.ok && section.error.field === ARCHIVE) {
      const end = section.error.offset!
      for (const failure of halves.close(end)) yield fail(failure)
      return yield fail({ ...section.error, offset: halves.resumeAt(end) })
    }
    for (const answer of section.ok ? halves.add(section.value) : [section]) {
      yield answer
      if (answer.ok) onProgress({ blocks: ++blocks, offset: halves.resumeAt(reader.offset) })
    }
  }
  const end = reader.offset
  for (const failure of halves.close(end)) yield fail(failure)
  if (halves.isCut(end)) return yield fail({ code: 'truncated', field: ARCHIVE, offset: halves.resumeAt(end) })
  onProgress({ blocks, offset: end })
}
