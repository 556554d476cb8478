import * as ed25519 from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'

/** noble's synchronous functions need a SHA-512, wired on first use; its asynchronous ones need a secure context. */
export function noble(): typeof ed25519 {
  ed25519.hashes.sha512 ??= sha512
  return ed25519
}
