import { sha256InPool } from '#platform'
import { amended, attempt, CosmicError, fail, ok, unwrap, type Result } from '../base/index'
import { didKey } from '../signer/index'
import { cidOf } from './cid-of'
import { Envelope, openEnvelope } from './envelope'
import { LIMITS } from './limits'
import { readHead, readPayload } from './payload'
import type { Block } from './types'

/** A block and what its signature needs to be checked. */
export class OpenedBlock extends Envelope {
  readonly block: Block
  /** The author's public key, 32 bytes. */
  readonly publicKey: Uint8Array

  constructor({ payload, signature }: Envelope, block: Block, publicKey: Uint8Array) {
    super(payload, signature)
    this.block = block
    this.publicKey = publicKey
  }
}

/**
 * Reads an envelope: its canonical form, its limits and the values of its fields, not its signature or sky, which
 * `CosmicValidator` checks. The bytes are copied. Of a (version, kind) that this library does not know only version,
 * kind, author and time are read; such a block is `opaque`.
 *
 * @example
 * ```ts
 * const read = decodeBlock(bytes)
 * if (read.ok) console.log(read.value.id, read.value.author)
 * else console.log(read.error.code, read.error.field, read.error.offset)
 * ```
 */
export function decodeBlock(bytes: Uint8Array): Result<Block> {
  const opened = openBlock(bytes)
  return opened.ok ? ok(opened.value.block) : opened
}

/**
 * `decodeBlock` for those who check signatures: the same judgement, with key, signature and the bytes it covers. `id`: that of
 * these very bytes, for those who have computed it.
 */
export function openBlock(bytes: Uint8Array, id?: string): Result<OpenedBlock> {
  const owned = copyOf(bytes)
  return owned.ok ? openOwned(owned.value, undefined, id) : owned
}

/** `openBlock` for the funnel, which shows the block to nobody before it is stored: see `takeOpened`. */
export function openToStore(bytes: Uint8Array, id?: string): Result<OpenedBlock> {
  const opened = openBlock(bytes, id)
  if (opened.ok) OPENED.add(opened.value.block)
  return opened
}

/** `openBlock` for many at once: ids are hashed beside the calling thread, where that is faster. */
export async function openBlockInPool(bytes: Uint8Array): Promise<Result<OpenedBlock>> {
  const owned = copyOf(bytes)
  if (!owned.ok || sha256InPool === undefined) return owned.ok ? openOwned(owned.value) : owned
  const envelope = openEnvelope(owned.value)
  if (!envelope.ok) return envelope
  // Pages outside a secure context have no WebCrypto; then the hash is made here.
  const digest = await sha256InPool(envelope.value.payload).catch(() => undefined)
  return openOwned(owned.value, digest)
}

function copyOf(bytes: Uint8Array): Result<Uint8Array> {
  if (!(bytes instanceof Uint8Array)) return fail({ code: 'bad-type', hint: 'bytes' })
  if (bytes.length > LIMITS.envelope) return fail({ code: 'too-large', limit: LIMITS.envelope })
  return ok(new Uint8Array(bytes))
}

/** Blocks whose id and fields this module read from a copy of their bytes, for the funnel. */
const OPENED = /* @__PURE__ */ new WeakSet<Block>()

/**
 * Whether a block is as the funnel decoded it, so that a store need not read its bytes again; once, since it is shown around
 * when it is stored. Any other may be a copy with other fields, or have been in the hands of somebody who wrote into its bytes.
 */
export function takeOpened(block: Block): boolean {
  return OPENED.delete(block)
}

/** `openBlock` of bytes that nobody else will change: the block keeps them. `digest` is the payload's SHA-256, when it is known. */
export function openOwned(bytes: Uint8Array, digest?: Uint8Array, known?: string): Result<OpenedBlock> {
  return attempt(() => {
    const envelope = unwrap(openEnvelope(bytes))
    const { payload } = envelope
    const { head, fields } = inEnvelope(payload.byteOffset - bytes.byteOffset, () => readPayload(payload))
    const { version, kind, author: publicKey, time } = head
    const rest = fields === undefined ? { opaque: true } : fields
    const block = {
      id: known ?? cidOf(payload, digest),
      version,
      kind,
      author: didKey(publicKey),
      time,
      ...rest,
      bytes,
    }
    return new OpenedBlock(envelope, Object.freeze(block) as Block, publicKey)
  })
}

/** The (version, kind) of an envelope whose head can be read, even where the fields of that kind are refused. */
export function kindOf(bytes: Uint8Array): { readonly version: number; readonly kind: string } | undefined {
  const head = attempt(() => readHead(unwrap(openEnvelope(bytes)).payload))
  return head.ok ? { version: head.value.version, kind: head.value.kind } : undefined
}

/** Offsets are told from the start of the envelope, which is what the caller holds. */
function inEnvelope<T>(start: number, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof CosmicError && error.offset !== undefined) {
      throw new CosmicError(amended(error, { offset: start + error.offset }))
    }
    throw error
  }
}
