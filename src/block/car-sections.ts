import { sha256 } from '#platform'
import { Cid, CID_LENGTH, concat, equal, fail, ok, utf8, type Failure, type Result } from '../base/index'
import type { ByteReader } from './byte-reader'
import { MAX_SECTION, startsWith } from './car-format'

/** One section whose bytes are those of its id. Offsets count from the start of the archive. */
export interface CarSection {
  readonly start: number
  readonly end: number
  readonly id: Cid
  readonly bytes: Uint8Array
}

/** The `field` of faults after which nothing more can be read. */
export const ARCHIVE = 'archive'

/** No header that names a thousand roots is longer. */
const MAX_HEADER = 65_536
/** A varint of this many bytes holds 56 bits; of these the safe integers are accepted. */
const MAX_VARINT = 8

const HEADER_START = concat(Uint8Array.of(0xa2, 0x65), utf8('roots'))
const HEADER_END = concat(Uint8Array.of(0x67), utf8('version'), Uint8Array.of(0x01))

/** Reads the header of an archive; its roots are not looked at. */
export async function readHeader(reader: ByteReader): Promise<Failure | undefined> {
  const start = reader.offset
  const length = await readVarint(reader, start)
  if (!length.ok) return length.error
  if (length.value === undefined) return broken('truncated', start)
  if (length.value > MAX_HEADER) return { ...broken('too-large', start), limit: MAX_HEADER }
  const header = await reader.take(length.value)
  if (header === undefined) return broken('truncated', start)
  const isVersion1 = startsWith(header, HEADER_START) && equal(header.slice(-HEADER_END.length), HEADER_END)
  return isVersion1 ? undefined : { ...broken('version', start), hint: 'a CAR archive of version 1' }
}

/**
 * The sections up to the end of the archive. A section that is no dag-cbor with SHA-256, whose bytes are not its id's, or
 * that is too long for a block is refused and passed over; after a fault with the field `archive` nothing follows.
 */
export async function* readSections(reader: ByteReader): AsyncGenerator<Result<CarSection>, void, undefined> {
  for (;;) {
    const start = reader.offset
    const length = await readVarint(reader, start)
    if (!length.ok) return yield length
    if (length.value === undefined) return
    if (length.value > MAX_SECTION) {
      if (!(await reader.skip(length.value))) return yield fail(broken('truncated', start))
      yield fail({ code: 'too-large', field: 'section', offset: start, limit: MAX_SECTION })
      continue
    }
    const section = await reader.take(length.value)
    if (section === undefined) return yield fail(broken('truncated', start))
    yield checkSection(section, start, reader.offset)
  }
}

function checkSection(section: Uint8Array, start: number, end: number): Result<CarSection> {
  const id = Cid.fromBytes(section.subarray(0, CID_LENGTH))
  const bytes = section.subarray(CID_LENGTH)
  const refuse = (hint: string) => fail({ code: 'bad-cid', field: 'section', offset: start, hint })
  if (!id.ok) return refuse('neither a block nor its signature')
  if (!equal(sha256(bytes), id.value.digest)) return refuse(`the bytes are not those of ${id.value.toString()}`)
  return ok({ start, end, id: id.value, bytes })
}

/** An unsigned LEB128 in its shortest form; `undefined` at the end of the source. */
async function readVarint(reader: ByteReader, start: number): Promise<Result<number | undefined>> {
  let value = 0
  for (let at = 0; at < MAX_VARINT; at++) {
    const [byte] = (await reader.take(1)) ?? []
    if (byte === undefined) return at === 0 ? ok(undefined) : fail(broken('truncated', start))
    if (byte === 0 && at > 0) return fail(broken('not-shortest', start))
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return Number.isSafeInteger(value) ? ok(value) : fail(broken('int-range', start))
  }
  return fail(broken('int-range', start))
}

function broken(code: Failure['code'], offset: number): Failure {
  return { code, field: ARCHIVE, offset }
}
