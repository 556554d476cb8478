/** What stands before the 32 bytes of an Ed25519 seed in a PKCS #8 document (RFC 8410 section 7). */
export const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

/** What stands before the 32 bytes of an Ed25519 public key in a SubjectPublicKeyInfo (RFC 8410 section 4). */
export const SPKI_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0)
