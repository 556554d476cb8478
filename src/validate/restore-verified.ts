import { ok, type Result } from '../base/index'
import { openBlock, openOwned, type VerifiedBlock } from '../block/index'

/**
 * Reopens bytes that this node verified before it wrote them: it decodes, and checks neither signature nor sky. For
 * stores that read their own records, never for bytes that came from anywhere else. With the `digest` of their id, which
 * a checksum of the caller's binds them to, they are not hashed again; the block then keeps `bytes` as they are. `id`: the
 * same digest as text.
 */
export function restoreVerified(bytes: Uint8Array, digest?: Uint8Array, id?: string): Result<VerifiedBlock> {
  const opened = digest ? openOwned(bytes, digest, id) : openBlock(bytes)
  return opened.ok ? ok(opened.value.block as VerifiedBlock) : opened
}
