import type { BlockJson } from '../../block/index'

/** A block for the node to sign. */
export interface NewBlock {
  readonly text?: string
  readonly embedding?: readonly number[]
  readonly model?: string
  readonly tags?: readonly string[]
  readonly links?: readonly { readonly relation: string; readonly id: string }[]
  readonly supersedes?: readonly string[]
  readonly time?: number
  readonly expires?: number
}

/** What became of a block: without a `reason` it is found and read from now on. */
export interface HttpPublished {
  readonly id: string
  /** `deferred`: it is dated ahead of the node's clock, and waits; `not-admitted`: it is stored only. */
  readonly reason?: 'deferred' | 'not-admitted'
  /** Of a deferred one: when it is judged, in milliseconds. */
  readonly until?: number
  /** Of one that is not admitted: what the policy lacks. */
  readonly code?: string
}

export interface ListOptions {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
  readonly since?: number
  readonly until?: number
  readonly newest?: boolean
  readonly limit?: number
  readonly cursor?: string
}

export interface ConnectRequest {
  /** The did:key that is expected there. */
  readonly peer?: string
  /** The node goes on dialling where the first attempt fails. */
  readonly retry?: boolean
}

/** How an export ended. */
export interface ExportReport {
  /** Blocks that were written. */
  readonly blocks: number
  /** Those that the node holds and could not give: damaged, or erased meanwhile. */
  readonly missing: number
}

export interface ExportRequest {
  /** Called before the stream ends. */
  readonly onReport?: (report: ExportReport) => void
  /** Fires: the stream fails as `aborted`. */
  readonly signal?: AbortSignal
}

export interface SearchRequest {
  readonly text?: string
  readonly vector?: readonly number[]
  readonly like?: string
  readonly model?: string
  readonly k?: number
  readonly where?: Readonly<Record<string, unknown>>
  readonly minScore?: number
  readonly mode?: 'exact' | 'fast' | 'auto'
  readonly versions?: 'current' | 'all'
}

export interface HttpVerdict {
  readonly status: 'valid' | 'deferred' | 'invalid'
  readonly admitted?: boolean
  readonly code?: string
  readonly field?: string
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string }[]
  readonly summary: string
}

export interface HttpHit {
  /** As the node showed it; its signature is not checked here: `fromJSON`, then a validator, does. */
  readonly block: BlockJson
  readonly score: number
  readonly standard: number
  readonly verdict: HttpVerdict
}

/** What a node is doing, as far as it is typed here; `GET /status` answers the whole of `client.status()`. */
export interface NodeStatus {
  readonly id: string
  readonly addresses: readonly string[]
  readonly models: readonly string[]
  readonly peers: readonly { readonly peer: string; readonly remote: string; readonly phase: string }[]
  /** The addresses to which it wants to be connected. */
  readonly connections: readonly {
    readonly address: string
    readonly peer?: string
    readonly state: 'dialling' | 'connected' | 'waiting' | 'suspended'
    readonly failures: number
    readonly lastError?: { readonly code: string }
  }[]
}

export interface NodeEvent {
  readonly event: string
  readonly data: unknown
}
