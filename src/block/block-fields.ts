import type { Random } from '../base/index'
import type { Place, Sky } from '../sky/index'
import type { Embedder } from './embedder'
import type { BeaconFields, Inclusion, TimeProofData, Witness } from './evidence-types'
import type { Profile, ProfileBlock, Rotation } from './identity-types'
import type { Retraction } from './retraction-types'
import type { Keywrap } from './sealed-types'
import type { SignedSights } from './sights-types'
import type { ElementType, Link, TranslatorPart } from './types'

/** What `createBlock` takes for every kind. */
export interface SharedFields {
  /** Milliseconds since the Unix epoch, or a `Date`; default: now. */
  readonly time?: number | Date
  /**
   * Degrees and metres; signed in steps of 1e-7 degree and 1 cm. With `grid` only the point of that grid is signed, and the
   * sky is computed for it: `{ latitude, longitude, grid: 0.1 }` tells an area of about 11 km, whatever stands behind it.
   */
  readonly place?: Place
  /**
   * `true` computes the sky, `{ stars: true }` with the navigational stars above the horizon, `false` leaves it out, a `Sky`
   * is signed as it is. Default: `true` when a place is given.
   */
  readonly sky?: boolean | { readonly stars: boolean } | Sky
  /** At most 64, each of at most 128 bytes, without repetition. */
  readonly tags?: readonly string[]
  /** At most 256. */
  readonly links?: readonly Link[]
  /** Ids of the versions that this block replaces, at most 256. */
  readonly supersedes?: readonly string[]
  /** Later than `time`. */
  readonly expires?: number | Date
  /** The latest round of a public beacon, such as drand's: shows that the block was not made before it. */
  readonly beacon?: BeaconFields
  /** What a device observed, made by `signSights` for this author, time and place. */
  readonly sights?: SignedSights
  /**
   * `true`: sign sights also with a coarse place. They give the true place away, to a kilometre or less; without this
   * consent they are refused (`reveals-place`).
   */
  readonly allowSightsWithCoarsePlace?: boolean
  /** `namespace/name` → text, integer, boolean, null, bytes, array or map of these. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What only evidence about other blocks has. */
interface WithoutEvidence extends SharedFields {
  readonly witness?: undefined
  readonly inclusion?: undefined
  readonly timeproof?: undefined
}

/** A text that was, or is to be, embedded. */
export interface TextInput {
  readonly type: 'text'
  readonly content: string
  /** `false` keeps only the hash; default `true`, for texts of at most 128 KiB. */
  readonly inline?: boolean
  /** Where the text came from, such as a URL. */
  readonly origin?: string
}

/** An input that stays where it is: only the SHA-256 of its raw bytes is signed. */
export interface HashedInput {
  readonly type: string
  readonly hash: Uint8Array
  readonly origin?: string
  readonly content?: undefined
}

/** A block from a vector at hand. Without `input` the vector itself, as stored, is the input. */
export interface VectorFields extends WithoutEvidence {
  readonly embedding: ArrayLike<number>
  /** `provider:name[@revision][#dims]`. */
  readonly model: string
  /** How the numbers are stored; default `f32`. What `f16` and `i8` cost in retrieval is measured in docs/benchmarks.md. */
  readonly element?: ElementType
  readonly input?: TextInput | HashedInput
  readonly embedder?: undefined
  readonly translator?: undefined
  readonly recipients?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** A block whose vector a model makes from the text. */
export interface EmbedderFields extends WithoutEvidence {
  readonly embedder: Embedder
  readonly input: TextInput
  readonly element?: ElementType
  /** Handed to the embedder. */
  readonly signal?: AbortSignal
  readonly embedding?: undefined
  readonly model?: undefined
  readonly translator?: undefined
  readonly recipients?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** A part of a translator between two models. */
export interface TranslatorFields extends WithoutEvidence {
  readonly translator: TranslatorPart
  readonly embedding?: undefined
  readonly embedder?: undefined
  readonly model?: undefined
  readonly input?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** What a profile, a rotation, a keywrap or a piece of evidence has not. */
interface WithoutVector extends SharedFields {
  readonly embedding?: undefined
  readonly embedder?: undefined
  readonly model?: undefined
  readonly input?: undefined
  readonly translator?: undefined
  readonly recipients?: undefined
}

/** What the signer publishes about itself. */
export interface ProfileFields extends WithoutVector, WithoutEvidence {
  readonly profile: Profile
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** A sealed block's key for later recipients; `shareSealed` makes one. */
export interface KeywrapFields extends WithoutVector, WithoutEvidence {
  readonly keywrap: Keywrap
  readonly profile?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** The end of an everyday key. The signer is the recovery key to which that key's profile commits. */
export interface RotationFields extends WithoutVector, WithoutEvidence {
  readonly rotation: Rotation
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly retraction?: undefined
}

/** The withdrawal of a block of one's own; `supersedes` repeats what that block superseded. `client.retract` makes one. */
export interface RetractionFields extends WithoutVector, WithoutEvidence {
  readonly retraction: Retraction
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
}

/** A countersignature: this block, or the blocks of a batch, existed by `time`. `createWitness` makes one. */
export interface WitnessFields extends WithoutVector {
  readonly witness: Witness
  readonly inclusion?: undefined
  readonly timeproof?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** That a block is in a witnessed batch; `createWitness` answers one for each. */
export interface InclusionFields extends WithoutVector {
  readonly inclusion: Inclusion
  readonly witness?: undefined
  readonly timeproof?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** A proof of an outside standard that a block existed by some time. */
export interface TimeProofFields extends WithoutVector {
  readonly timeproof: TimeProofData
  readonly witness?: undefined
  readonly inclusion?: undefined
  readonly profile?: undefined
  readonly keywrap?: undefined
  readonly rotation?: undefined
  readonly retraction?: undefined
}

/** Whom to encrypt to: an X25519 public key, or the profile that names it. */
export type Recipient = Uint8Array | ProfileBlock

/** With recipients, vector, model, input and its hash are sealed: only these can read them. */
export interface Sealing {
  /** 1 … 256. Name your own key too if you want to read the block again, or to share it later. */
  readonly recipients: readonly Recipient[]
  /** Default: the runtime's cryptographic randomness; give a seeded one in simulations only. */
  readonly random?: Random
}

export type SealedFields = (Omit<VectorFields, 'recipients'> | Omit<EmbedderFields, 'recipients'>) & Sealing

export type BlockFields =
  | VectorFields
  | EmbedderFields
  | SealedFields
  | TranslatorFields
  | ProfileFields
  | KeywrapFields
  | WitnessFields
  | InclusionFields
  | TimeProofFields
  | RotationFields
  | RetractionFields
