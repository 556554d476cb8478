import { count, CosmicError, fields, flag, list, milliseconds, record, text, type Read } from '../../base/index'

/** How much of something is kept. */
export interface Bounds {
  readonly maxBlocks?: number
  /** Of envelopes. */
  readonly maxBytes?: number
}

/** What is never removed, whatever the bounds. An expired block goes all the same: its author said so. */
export interface Pins {
  /** This agent's own blocks (default true). */
  readonly own?: boolean
  /** What identities, deletion and reading rest on: profiles, rotations and keywraps (default true). Retractions always stay. */
  readonly control?: boolean
  readonly authors?: readonly string[]
  readonly tags?: readonly string[]
  readonly kinds?: readonly string[]
  readonly ids?: readonly string[]
}

/**
 * What a node keeps. Plain data; whatever is misspelt in it is refused by name. The oldest goes first, by claimed time.
 *
 * @example
 * ```ts
 * new SyncClient({ signer, retention: { maxAge: 90 * DAY, maxBlocks: 500_000, perAuthor: { maxBlocks: 10_000 } } })
 * ```
 */
export interface RetentionPolicy extends Bounds {
  /** Milliseconds. It raises the declared floor: nothing older is stored, synced or asked for. */
  readonly maxAge?: number
  /** For each author. */
  readonly perAuthor?: Bounds
  /** For the blocks with a tag; `maxAge` in milliseconds. */
  readonly perTag?: Readonly<Record<string, { readonly maxAge?: number; readonly maxBlocks?: number }>>
  readonly pins?: Pins
  /** Ids that are remembered of blocks removed for want of room (default 100,000); beyond it the floor rises above the oldest. */
  readonly maxStubs?: number
  /**
   * Milliseconds within which the bytes of what was erased, for whatever reason, are brought out of the store's files (default: a
   * day), as `compact` does; `false` leaves that to the caller.
   */
  readonly compactWithin?: number | false
  /**
   * Whether the clock is right whatever it says, as where a service keeps it (default false: after a jump of more than a day ahead
   * nothing is removed by time until the clock has gone on for a day).
   */
  readonly trustClock?: boolean
}

/** A policy whose data is whole, copied and frozen. */
export interface RetentionData extends RetentionPolicy {
  readonly pins: Pins
  readonly maxStubs: number
  readonly compactWithin: number | false
  readonly trustClock: boolean
}

export const DEFAULT_MAX_STUBS = 100_000
export const DEFAULT_COMPACT_WITHIN = 86_400_000
/** The most names in a list of pins, and tags with bounds of their own. */
export const MAX_PINS = 10_000
export const MAX_TAGS = 256

const names = list(text, MAX_PINS)
const bounds = { maxBlocks: count, maxBytes: count }
const perTag: Read<NonNullable<RetentionPolicy['perTag']>> = (value, path) => {
  const entries = Object.entries(fields(value, path))
  if (entries.length > MAX_TAGS) throw new CosmicError({ code: 'limit', field: path, limit: MAX_TAGS })
  const read = record<{ maxAge?: number; maxBlocks?: number }>({ maxAge: milliseconds, maxBlocks: count })
  return Object.fromEntries(entries.map(([tag, of]) => [tag, read(of, `${path}.${tag}`)]))
}
const policy = record<RetentionPolicy>({
  ...bounds,
  maxAge: milliseconds,
  perAuthor: record<Bounds>(bounds),
  perTag,
  pins: record<Pins>({ own: flag, control: flag, authors: names, tags: names, kinds: names, ids: names }),
  maxStubs: count,
  compactWithin: (value, path) => (value === false ? value : milliseconds(value, path)),
  trustClock: flag,
})

/**
 * @throws CosmicError with the field, such as `retention.maxAge`: `unknown-field`, `bad-type`, `out-of-range`, `limit`
 */
export function readRetention(value: unknown): RetentionData {
  const read = policy(value, 'retention')
  return { pins: {}, maxStubs: DEFAULT_MAX_STUBS, compactWithin: DEFAULT_COMPACT_WITHIN, trustClock: false, ...read }
}
