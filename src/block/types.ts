import type { Place, Sky } from '../sky/index'
import type { Beacon, InclusionBlock, TimeProofBlock, WitnessBlock } from './evidence-types'
import type { ProfileBlock, RotationBlock } from './identity-types'
import type { KnownRelation } from './relations'
import type { RetractionBlock } from './retraction-types'
import type { KeywrapBlock, SealedBlock } from './sealed-types'
import type { SignedSights } from './sights-types'

/** Format version written by this library. */
export const FORMAT_VERSION = 1

/** How the vector's numbers are stored, little-endian: IEEE 754 binary32, binary16, or signed bytes times a common `scale`. */
export type ElementType = 'f32' | 'f16' | 'i8'

export interface Embedding {
  /** Model id, `provider:name[@revision][#dims]`. */
  readonly model: string
  readonly dims: number
  readonly type: ElementType
  /** The numbers as stored; `blockVector(block)` reads them. */
  readonly data: Uint8Array
  /** `i8` only: the factor of every element, finite and > 0. */
  readonly scale?: number
}

/** What was embedded. `hash` is the SHA-256 of the raw input (for text: its UTF-8 bytes). */
export interface Input {
  readonly type: string
  readonly hash: Uint8Array
  /** Where the input came from, such as a URL. */
  readonly origin?: string
  /** The text itself, when the author chose to carry it. */
  readonly content?: string
}

export interface Link {
  /** One of `RELATIONS`, or a relation of one's own, `namespace/name`. */
  readonly relation: KnownRelation | (string & {})
  /** Block id. */
  readonly id: string
}

/** What every block of every version and kind carries. */
export interface BlockBase {
  /** CIDv1 (base32) of the payload. */
  readonly id: string
  readonly version: number
  readonly kind: string
  /** did:key of the signing key. */
  readonly author: string
  /** Claimed time, milliseconds since the Unix epoch. */
  readonly time: number
  /** The envelope exactly as signed and received. */
  readonly bytes: Uint8Array
}

/** Fields that every kind of version 1 may carry. */
export interface CommonFields {
  readonly place?: Place
  readonly sky?: Sky
  readonly tags?: readonly string[]
  readonly links?: readonly Link[]
  /** Ids of the versions that this block replaces. */
  readonly supersedes?: readonly string[]
  /** Milliseconds since the Unix epoch; from then on the block is out of the reconciled set. */
  readonly expires?: number
  /** A round of a public beacon: the block was not made before that round came out. */
  readonly beacon?: Beacon
  readonly sights?: SignedSights
  /** Namespaced extensions, `namespace/name` → text, integer, boolean, null, bytes, array or map of these. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface EmbeddingBlock extends BlockBase, CommonFields {
  readonly kind: 'embedding'
  readonly opaque?: undefined
  readonly embedding: Embedding
  readonly input: Input
}

/** One row range of a matrix that carries vectors of model `from` into the space of model `to`. */
export interface TranslatorPart {
  readonly from: string
  readonly to: string
  readonly method: 'procrustes'
  /** 32 bytes that all parts of one matrix share: the SHA-256 of the whole matrix and its means as published. */
  readonly set: Uint8Array
  readonly index: number
  readonly count: number
  /** First row and number of rows in this part; a row belongs to one dimension of `to` and has `dims` columns, the dimensions of `from`. */
  readonly row: number
  readonly rows: number
  readonly dims: number
  /** `rows * dims` signed bytes, row-major. */
  readonly data: Uint8Array
  /** `rows` little-endian f32 factors, one a row. */
  readonly scales: Uint8Array
  /** Part 0 only: little-endian f32 means of the anchors in `from` and in `to`. */
  readonly means?: { readonly from: Uint8Array; readonly to: Uint8Array }
  /** Held-out quality as published by the author, the same in every part. */
  readonly quality: TranslatorQuality
}

export interface TranslatorQuality {
  /** Number of anchor texts fitted on, and of texts held out. */
  readonly anchors: number
  readonly heldOut: number
  /** Candidates among which the held-out counterpart was sought. */
  readonly gallery: number
  /** Share of held-out texts whose counterpart was first, and among the first ten (0 … 1, stored in thousandths). */
  readonly top1: number
  readonly top10: number
  /** Mean centred cosine of the translated vector with its counterpart, and that of the constant mean answer, uncentred (−1 … 1, stored in thousandths). */
  readonly cosine: number
  readonly baseline: number
}

export interface TranslatorBlock extends BlockBase, CommonFields {
  readonly kind: 'translator'
  readonly opaque?: undefined
  readonly translator: TranslatorPart
}

/** A block whose (version, kind) this library does not know: verified, stored and forwarded, never admitted. */
export interface OpaqueBlock extends BlockBase {
  readonly opaque: true
}

/** A frozen plain object; made by `createBlock` or `decodeBlock` only. */
export type Block =
  | EmbeddingBlock
  | SealedBlock
  | KeywrapBlock
  | ProfileBlock
  | RotationBlock
  | RetractionBlock
  | TranslatorBlock
  | WitnessBlock
  | InclusionBlock
  | TimeProofBlock
  | OpaqueBlock

declare const verifiedBrand: unique symbol

/** A block whose form, signature and sky were verified. Only `validate/` makes one; the store accepts nothing else. */
export type VerifiedBlock = Block & { readonly [verifiedBrand]: true }
