import { abortSignal, Cid, concat, offset as place, record, such, throwIfAborted, unwrap } from '../base/index'
import type { CarExportOptions, Enveloped } from './car-export'
import { CAR_HEADER, encodeNode, encodeVarint } from './car-format'
import { cidOf } from './cid-of'
import { openEnvelope } from './envelope'

const readOptions = record<CarExportOptions>({ offset: place, signal: abortSignal })
const iterable = such<object>(value => Symbol.asyncIterator in value || Symbol.iterator in value, 'blocks to iterate')
const envelope = such<Uint8Array>(value => value instanceof Uint8Array, 'blocks, or others with `bytes`')

/** What `exportCar` does. */
export async function* writeCar(
  blocks: AsyncIterable<Enveloped> | Iterable<Enveloped>,
  options: CarExportOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset = 0, signal } = readOptions(options, '')
  iterable(Object(blocks), 'blocks')
  let written = 0
  const beyondOffset = (bytes: Uint8Array): Uint8Array => {
    const rest = bytes.subarray(Math.min(bytes.length, Math.max(0, offset - written)))
    written += bytes.length
    return rest
  }
  const head = beyondOffset(concat(encodeVarint(CAR_HEADER.length), CAR_HEADER))
  if (head.length > 0) yield head
  for await (const block of blocks) {
    throwIfAborted(signal)
    const rest = beyondOffset(sectionsOf(envelope((block as Enveloped | null)?.bytes, 'blocks')))
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
