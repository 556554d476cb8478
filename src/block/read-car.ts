import { abortSignal, amended, fail, func, offset as place, record, type Result } from '../base/index'
import { ByteReader, type ByteSource } from './byte-reader'
import { CarHalves } from './car-halves'
import type { CarImportOptions, CarProgress } from './car-import'
import { ARCHIVE, readHeader, readSections } from './car-sections'

const readOptions = record<CarImportOptions>({ offset: place, onProgress: func, signal: abortSignal })

/** What `importCar` does. */
export async function* readCar(
  source: ByteSource,
  options: CarImportOptions,
): AsyncGenerator<Result<Uint8Array>, void, undefined> {
  const { offset = 0, onProgress, signal } = readOptions(options, '')
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
      return yield fail(amended(section.error, { offset: halves.resumeAt(end) }))
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
