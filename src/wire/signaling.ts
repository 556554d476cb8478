/** What a member of a room hears. Everything in `data` is another member's words: unauthenticated, to be validated. */
export interface SignalingHandlers {
  /** Another member came in after us. */
  onJoin?(peer: string): void
  onLeave?(peer: string): void
  onSignal(from: string, data: unknown): void
  /** The signaling service is gone; existing connections between agents are not touched. */
  onClose?(): void
}

export interface SignalingRoom {
  /** Our own name in the room, given by the service. */
  readonly self: string
  /** Who was there when we came in. */
  readonly peers: readonly string[]
  /** What is sent to one member must arrive in the order of the calls: a candidate before its offer is lost. */
  send(to: string, data: unknown): void
  leave(): Promise<void>
}

/** Carries session descriptions between agents before they can talk directly. */
export interface Signaling {
  /** Rejects with `CosmicError` `signaling`, `timeout`, `limit` or `aborted`. */
  join(room: string, handlers: SignalingHandlers, options?: { signal?: AbortSignal }): Promise<SignalingRoom>
}
