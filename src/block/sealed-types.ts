import type { BlockBase, CommonFields, Embedding, Input } from './types'

/** The content key of a sealed block, encrypted to one recipient with HPKE (docs/spec/block.md, "Sealed content"). */
export interface KeyWrap {
  /** The recipient's X25519 public key, 32 bytes. */
  readonly recipient: Uint8Array
  /** The encapsulated key, 32 bytes, and the encrypted content key, 48 bytes. */
  readonly enc: Uint8Array
  readonly key: Uint8Array
}

/** What a sealed block carries instead of an embedding and its input. */
export interface Sealed {
  /** SHA-256 of the content key. */
  readonly commitment: Uint8Array
  /** The content, padded to a size class and encrypted. */
  readonly data: Uint8Array
  /** 1 … 256, one a recipient. */
  readonly wraps: readonly KeyWrap[]
}

/** What `openSealed` answers: what an `embedding` block would show to everybody. */
export interface SealedContent {
  readonly embedding: Embedding
  readonly input: Input
}

/** An embedding for some readers only. Everybody else checks its signature, id and sky and reads neither vector nor text. */
export interface SealedBlock extends BlockBase, CommonFields {
  readonly kind: 'sealed'
  readonly opaque?: undefined
  readonly sealed: Sealed
}

/** The key of a sealed block for recipients who came later, by the same author. */
export interface Keywrap {
  /** Id of the sealed block. */
  readonly block: string
  /** That of the sealed block. */
  readonly commitment: Uint8Array
  readonly wraps: readonly KeyWrap[]
}

export interface KeywrapBlock extends BlockBase, CommonFields {
  readonly kind: 'keywrap'
  readonly opaque?: undefined
  readonly keywrap: Keywrap
}
