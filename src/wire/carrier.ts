import type { Failure } from '../base/index'

/** A block as it travels: its id, and its envelope as it was signed. */
export interface CarriedBlock {
  readonly id: string
  readonly bytes: Uint8Array
}

/** What a carrier is told of the node that it serves, and how it reads from it and hands blocks to it. */
export interface CarrierHost {
  /** The node's did:key. */
  readonly self: string
  /** Nodes of different networks do not exchange blocks. */
  readonly network: string
  /** Names this copy of the node's store: one that was wiped, restored or cloned has another, and misses other blocks. */
  readonly epoch: string
  /**
   * Verifies and stores what came, through the one funnel. Answers of each whether its bytes are invalid. Rejects when the
   * node's own storage fails: then all of them must come again.
   */
  take(envelopes: readonly Uint8Array[]): Promise<readonly { readonly invalid: boolean }[]>
  /**
   * The next blocks that were stored here and did not come through this carrier, in the order of their arrival; waits until
   * there is one, and answers none once `signal` fires. The same ones again until they are `confirmed`, also after a restart.
   */
  outgoing(limit: number, signal: AbortSignal): Promise<readonly CarriedBlock[]>
  /** The carrier holds durably what `outgoing` answered last, in its `keeper` up to `mark`. */
  confirmed(mark: number): Promise<void>
  /**
   * To be called at the beginning, and whenever what keeps the blocks is found again; `look` asks for it. Where it is another one than
   * before, or has not come as far as was confirmed before it was asked, it has lost blocks, and `outgoing` begins anew with
   * the first. Rejects as `look` does.
   */
  kept(look: () => Promise<{ readonly keeper: string; readonly mark: number }>): Promise<void>
  /** Something failed that nobody waits for; the carrier goes on trying. */
  failed(failure: Failure): void
  /** The state in `status` is another one now. */
  changed(): void
}

export interface CarrierStatus {
  readonly name: string
  /** `stalled`: connected, and the service takes nothing, or brings nothing (`lastError`). */
  readonly state: 'connected' | 'stalled' | 'reconnecting' | 'closed'
  /** Blocks that the carrier took from this node, and blocks that it brought (all verdicts); of these the invalid ones. */
  readonly published: number
  readonly received: number
  readonly invalid: number
  /** Milliseconds of the runtime's clock at which a block last came or went. */
  readonly lastProgress?: number
  readonly lastError?: Failure
}

/** A carrier at work. */
export interface OpenCarrier {
  status(): CarrierStatus
  /**
   * Resolves once the node has taken all that the carrier held for it when this was called, however long that takes; or when
   * `signal` fires. Never rejects.
   */
  caughtUp(signal: AbortSignal): Promise<void>
  /** Hands over what was stored last, for a second at most, and ends; never rejects. */
  close(): Promise<void>
}

/**
 * Brings blocks from nodes to nodes through a service that keeps them for a while, such as a broker. It is trusted with
 * nothing: whatever it brings is verified, and whatever it loses is found by the audits of the sessions beside it.
 */
export interface Carrier {
  /** What it is called, such as `nats:COSMIC`: for people, and for a node to know again how far it has handed its blocks over. */
  readonly name: string
  /**
   * Rejects with `CosmicError` `unreachable`, `timeout`, `bad-address`, `bad-value` or `missing-peer`. Once `signal` fires nobody waits
   * for it any more: it rejects with `aborted` as soon as it can.
   */
  open(host: CarrierHost, options?: { readonly signal?: AbortSignal }): Promise<OpenCarrier>
}
