import type { Clock, Random, Timers } from '../base/index'
import type { Block, Embedder, OpenedBlock, VerifiedBlock } from '../block/index'
import type { EvidenceReader, RetentionPolicy } from '../ingest/index'
import type { SigningIdentity } from '../signer/index'
import type { KeywordIndex, SearchPorts } from '../search/index'
import type { BlockStore, KeyValueStorage } from '../store/index'
import type { Interest, SessionTiming } from '../sync/index'
import type { EvidenceSource, ValidationContext, Verdict } from '../validate/index'
import type { Carrier, ChannelCrypto, Transport } from '../wire/index'
import type { SessionStep } from './session-runner'

/** What judges blocks; `CosmicValidator` is one. Without the optional methods a stored block keeps its first judgement. */
export interface Validator extends Partial<EvidenceReader> {
  /** `context` tells which identities the client knows; to use it is left to the validator: the client hides the blocks of keys that ended. */
  validate(input: Uint8Array | Block, context?: ValidationContext): Promise<Verdict>
  /**
   * The same of many envelopes that were taken apart already, in their order.
   *
   * @internal
   */
  validateOpened?(opened: readonly OpenedBlock[], context?: ValidationContext): Promise<readonly Verdict[]>
  /** Milliseconds by which a block may be dated after the clock (default 10 minutes): peers are told what lies beyond it. */
  readonly maxSkew?: number
  /** Judges a stored block anew, by the evidence of now. */
  regrade?(block: VerifiedBlock, context?: ValidationContext): Promise<Verdict>
  /** False when the policy asks nothing of an author’s identity but that it has not ended and is not contested (default true). */
  readonly usesIdentities?: boolean
  /** The same with one more source of evidence: the client's own store. */
  withEvidence?(source: EvidenceSource): Validator
}

/** Everything but `signer` has a default: memory storage, open policy, no transport. */
export interface SyncClientOptions {
  /** This agent's identity: it signs the handshakes, and the blocks that the client itself publishes. */
  readonly signer: SigningIdentity
  /** Default: in memory. A `KeyValueStorage` is closed with the client; so is a `BlockStore`. One client at a time. */
  readonly storage?: KeyValueStorage | BlockStore
  readonly transports?: readonly Transport[]
  /** Services that bring blocks from agent to agent, beside the transports and their audits (docs/transports.md). */
  readonly carriers?: readonly Carrier[]
  /** Default: `new CosmicValidator()`, which admits everything that it can verify. */
  readonly validator?: Validator
  /** Lets `search` take text. */
  readonly embedder?: Embedder
  /**
   * What is kept (default: everything that has not expired): bounds of age, number and size, in all, by author and by tag, and
   * pins (docs/versions-and-deletion.md). Whatever is misspelt is refused by `start`, by name.
   */
  readonly retention?: RetentionPolicy
  /** How the search keeps, compares and saves vectors, and conditions of one's own on blocks. */
  readonly search?: Omit<SearchPorts, 'pause' | 'clock' | 'timers' | 'onError'> & {
    /** Makes the index of words that hybrid searches ask, when the first one comes: `miniSearch`. */
    readonly keywords?: () => KeywordIndex | Promise<KeywordIndex>
  }
  /**
   * What this agent wants from its peers (default: everything): blocks that meet one of these, and every retraction, profile,
   * rotation, grant and keywrap. `setInterests` changes it (docs/sync.md).
   */
  readonly interests?: readonly Interest[]
  /** Agents meet only inside one network (default `cosmic`). 1 … 64 characters. */
  readonly network?: string
  /** Periods of the sync sessions, in milliseconds. */
  readonly timing?: Partial<SessionTiming>
  /** For simulations and tests; default the runtime's own. */
  readonly ports?: ClientPorts
}

/** What a client asks of its surroundings. */
export interface ClientPorts {
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: Random
  /** Of the secure channel; the validator brings its own. */
  readonly crypto?: ChannelCrypto
  readonly observe?: (step: SessionStep) => void
  /** What sessions offer of the protocol's extensions, instead of all that they can. */
  readonly extensions?: readonly string[]
}
