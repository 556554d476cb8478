import { Cid, concat, throwIfAborted, unwrap } from '../base/index'
import { CAR_HEADER, encodeNode, encodeVarint } from './car-format'
import { cidOf } from './cid-of'
import { openEnvelope } from './envelope'

export interface CarExportOptions {
  /**
   * Leaves out this many bytes at the beginning (default 0): what an interrupted receiver has already. The same blocks in
   * the same order make the same archive.
   */
  readonly offset?: number
  /** Fires between two blocks: the iteration rejects with `aborted`. */
  readonly signal?: AbortSignal
}

/**
 * Writes blocks as a CAR archive (https://ipld.io/specs/transport/car/carv1/), one chunk a block: its payload under its id,
 * and a DAG-CBOR node `{block, signature}` (docs/spec/car.md). Nothing is held back, so the archive may have any size.
 * Rejects with `aborted`, and as `decodeBlock` does for bytes that are no envelope.
 *
 * @example
 * ```ts
 * await writeFile('memory.car', Readable.from(exportCar(blocks)))
 * ```
 */
export async function* exportCar(
  blocks: AsyncIterable<{ readonly bytes: Uint8Array }> | Iterable<{ readonly bytes: Uint8Array }>,
  { offset = 0, signal }: CarExportOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0
  const beyondOffset = (bytes: Uint8Array): Uint8Array => {
    const rest = bytes.subarray(Math.min(bytes.length, Math.max(0, offset - written)))
    written += bytes.length
    return rest
  }
  const head = beyondOffset(concat(encodeVarint(CAR_HEADER.length), CAR_HEADER))
  if (head.length > 0) yield head
  for await (const { bytes } of blocks) {
    throwIfAborted(signal)
    const rest = beyondOffset(sectionsOf(bytes))
    if (rest.length > 0) yield rest
  }
}

/** The two sections of one block. */
function sectionsOf(envelope: Uint8Array): Uint8Array {
  const { payload, signature } = unwrap(openEnvelope(envelope))
  const id = unwrap(Cid.parse(cidOf(payload)))
  const node = encodeNode({ id, signature })
  return concat(...section(id, payload), ...section(unwrap(Cid.parse(cidOf(node))), node))
}

function section(id: Cid, bytes: Uint8Array): Uint8Array[] {
  return [encodeVarint(id.bytes.length + bytes.length), id.bytes, bytes]
}
