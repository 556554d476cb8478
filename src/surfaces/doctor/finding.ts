import type { Config } from '../../setup/index'

/** What is looked at, in this order. */
export const CHECKS = [
  'settings',
  'runtime',
  'disk',
  'keys',
  'store',
  'clock',
  'ports',
  'model',
  'signaling',
  'webrtc',
  'turn',
  'peers',
] as const
export type CheckName = (typeof CHECKS)[number]

/**
 * What was found. `warning`: it works, and something is amiss; `failed`: it does not work; `skipped`: there is nothing to look
 * at, or it cannot be looked at now.
 */
export interface Finding {
  readonly check: CheckName
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly message: string
  /** The command that mends it. */
  readonly fix?: string
}

/** A finding whose check is named by whoever asked for it. */
export type Found = Omit<Finding, 'check'>

export interface CheckOptions {
  readonly signal: AbortSignal
  /** How long a service may take to answer. */
  readonly timeoutMs: number
  /** Compares every index of the store with its records, however many there are. */
  readonly isDeep: boolean
  /** A service whose `Date` the clock is compared with, beside those that the settings name. */
  readonly timeUrl?: string
}

/** One check: what it finds out about what the configuration says. */
export type Check = (config: Config, options: CheckOptions) => Promise<readonly Found[]>

export const ok = (message: string): Found => ({ status: 'ok', message })
export const skipped = (message: string): Found => ({ status: 'skipped', message })
export const warning = (message: string, fix?: string): Found => ({ status: 'warning', message, ...(fix && { fix }) })
export const failed = (message: string, fix?: string): Found => ({ status: 'failed', message, ...(fix && { fix }) })

/** The time that a service has to answer, or the end of all. */
export function within({ signal, timeoutMs }: CheckOptions): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
}

/** A word of the command line, quoted where a shell would take it apart. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
