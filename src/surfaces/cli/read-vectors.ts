import { CosmicError } from '../../base/index'

/** Rows of one length. */
export interface Vectors {
  readonly rows: readonly Float32Array[]
}

const MAX_ROWS = 1_000_000
const MAGIC = '\u0093NUMPY'
const MAX_HEADER = 65_535

/** Vectors as JSON (one list of numbers, or a list of such) or as a NumPy file, told apart by their first bytes. */
export function readVectors(bytes: Uint8Array): Vectors {
  return Buffer.from(bytes.subarray(0, 6)).toString('latin1') === MAGIC ? readNumPy(bytes) : readJson(bytes)
}

function refuse(hint: string): never {
  throw new CosmicError({ code: 'bad-value', field: 'vectors', hint })
}

function readJson(bytes: Uint8Array): Vectors {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refuse('JSON, or a NumPy .npy file')
  }
  if (!Array.isArray(value) || value.length === 0) return refuse('a list of numbers, or of such lists')
  const rows = (Array.isArray(value[0]) ? value : [value]) as readonly unknown[]
  if (rows.length > MAX_ROWS) throw new CosmicError({ code: 'limit', field: 'vectors', limit: MAX_ROWS })
  const read = rows.map(rowOf)
  if (read.some(({ length }) => length !== read[0]!.length)) return refuse('lists of one length')
  return { rows: read }
}

function rowOf(row: unknown): Float32Array {
  if (!Array.isArray(row) || !row.every(value => typeof value === 'number')) return refuse('lists of numbers')
  return finite(Float32Array.from(row))
}

/** Before the first is stored: all of them, or none. */
function finite(row: Float32Array): Float32Array {
  if (!row.every(Number.isFinite)) throw new CosmicError({ code: 'non-finite', field: 'vectors' })
  return row
}

/**
 * NumPy's format 1 to 3 (numpy.lib.format, "Format Version"): magic, version, length of the header, a Python literal of
 * `descr`, `fortran_order` and `shape`, then the numbers. Little-endian f4 and f8 in C order are read.
 */
function readNumPy(bytes: Uint8Array): Vectors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12) return refuse('a whole .npy file')
  const wide = view.getUint8(6) > 1
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const start = (wide ? 12 : 10) + length
  if (length > MAX_HEADER || start > bytes.length) return refuse('a whole .npy file')
  const header = Buffer.from(bytes.subarray(wide ? 12 : 10, start)).toString('latin1')
  const width = /'descr':\s*'<f([48])'/.exec(header)?.[1]
  if (width === undefined) return refuse("numbers of the type '<f4' or '<f8'")
  if (!/'fortran_order':\s*False/.test(header)) return refuse('numbers in C order')
  const shape = /'shape':\s*\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?,?\s*\)/.exec(header)
  if (!shape) return refuse('one dimension or two')
  const [count, dims] = shape[2] === undefined ? [1, Number(shape[1])] : [Number(shape[1]), Number(shape[2])]
  if (count > MAX_ROWS) throw new CosmicError({ code: 'limit', field: 'vectors', limit: MAX_ROWS })
  if (bytes.length - start !== count * dims * Number(width)) return refuse('as many numbers as its shape says')
  const numberAt = width === '4' ? (at: number) => view.getFloat32(at, true) : (at: number) => view.getFloat64(at, true)
  const rows = Array.from({ length: count }, (_, row) =>
    finite(Float32Array.from({ length: dims }, (__, i) => numberAt(start + (row * dims + i) * Number(width)))),
  )
  return { rows }
}
