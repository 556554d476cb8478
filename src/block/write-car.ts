import { Cid, concat, throwIfAborted, unwrap } from '../base/index'
import type { CarExportOptions, Enveloped } from './car-export'
import { CAR_HEADER, encodeNode, encodeVarint } from './car-format'
import { cidOf } from './cid-of'
import { openEnvelope } from './envelope'

/** What `exportCar` does. */
export async function* writeCar(
  blocks: AsyncIterable<Enveloped> | Iterable<Enveloped>,
  { offset = 0, signal }: CarExportOptions,
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
