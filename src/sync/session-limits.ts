import { LIMITS } from '../block/index'
import { CELL_BYTES } from './negentropy/coded-cells'
import { MOST_CELLS } from './negentropy/coded-set'
import type { SessionTiming } from './session-types'

/** Version of the session protocol (docs/spec/sync.md). */
export const SESSION_VERSION = 2

/** What one session may hold and send. The receiver enforces each of them (docs/spec/sync.md, "Limits"). */
export const SESSION_LIMITS = {
  /** Bytes of one protocol message. */
  message: 1_179_648,
  /** Blocks, and bytes of their envelopes, in one `blocks` message. */
  blocks: 64,
  blockBytes: 1_048_576,
  /** Bytes of one envelope. */
  envelope: LIMITS.envelope,
  /** Ids in one `want` or `gone`, items in one `announce`. */
  ids: 256,
  /** Ids asked for and not yet answered. */
  inFlight: 1024,
  /** Bytes of envelopes that a side accepts without having ingested them; what a peer may declare. */
  window: 4_194_304,
  minWindow: 524_288,
  maxWindow: 67_108_864,
  /** Announced items that a side accepts without having settled them; what a peer may declare. */
  items: 4096,
  minItems: 256,
  maxItems: 65_536,
  /** Items waiting to be announced; beyond it they are left to an audit. */
  have: 8192,
  /** The next answer of a reconciliation is read only when no more ids than this wait on either side. */
  resume: 1024,
  /**
   * Reconciliation messages that a session deals with at once, and how many more with each heartbeat. A message costs one,
   * and one more for every so many own items that its lists make this side look at. What is over waits.
   */
  reconciles: 128,
  reconcilesPerHeartbeat: 8,
  looksPerReconcile: 16_384,
  /**
   * Reconciliation messages in a row that leave all open from the same place on, and those about one set: so many, and one
   * more for every so many of its members here and of those found to be lacking.
   */
  stillReconciles: 32,
  leastReconciles: 4096,
  itemsPerReconcile: 64,
  /**
   * Coded cells of a sketch, in sets of at least `sketchFrom` items: bytes of one; told at once, in one message, and in one
   * audit; requests for more in one audit.
   */
  cell: CELL_BYTES,
  sketchFrom: 64,
  firstCells: 12,
  cellsInMessage: 1024,
  cells: MOST_CELLS,
  cellRequests: 8,
  /** Ids remembered as settled otherwise than by storing, and as known to the peer: oldest forgotten first. */
  settled: 8192,
  known: 8192,
  /** Declared (version, kind) pairs; bytes of a kind and of the software's name. */
  kinds: 64,
  kindBytes: LIMITS.name,
  softwareBytes: 64,
  /** Bytes of a place in a log, as a peer is told it; entries of a log after such a place that are announced rather than compared. */
  cursor: 128,
  replay: 4096,
  /** Names of extensions in a hello; bytes of one. */
  extensions: 16,
  extensionBytes: 32,
  /**
   * Interests of one side; tags of one. Changes of mind that a side takes at once, one more with each
   * heartbeat; those that this side tells at once, one more with every second.
   */
  interests: 32,
  interestTags: 8,
  changes: 16,
  changesTold: 6,
  /** Collections that an audit compares beside the control blocks; beyond it everything is compared. */
  collections: 16,
  /** Skies that do not fit, before the session is closed. */
  faults: 8,
  /**
   * Silent heartbeats after which a peer is shown as silent, and before it counts as gone: a busy thread may hold it up for
   * that long. Stalls of a silent peer before the session is closed.
   */
  heartbeatsSilent: 4,
  heartbeatsMissed: 10,
  stalls: 4,
  /** Looks at whether anything advances in one period of a stall. */
  stallQuarters: 4,
  /** Heartbeats that a peer has for a sign of life over this connection once it has opened another one. */
  heartbeatsProbed: 4,
} as const

/** A period of a session, in milliseconds. */
export function periodOf({ timing }: { readonly timing?: Partial<SessionTiming> }, name: keyof SessionTiming): number {
  return timing?.[name] ?? DEFAULT_TIMING[name]
}

/** Default periods, in milliseconds. */
export const DEFAULT_TIMING: SessionTiming = { greeting: 10_000, heartbeat: 1_250, stall: 30_000, audit: 300_000 }
