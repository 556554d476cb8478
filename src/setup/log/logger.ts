import { having } from '../../base/index'

/** What a line says beside its message. Values of secrets are masked before they are written. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Where lines of a log go: fields first, then the message, as pino and bunyan take them, so that a logger of theirs is one.
 *
 * @example
 * ```ts
 * const node = await createNode(config, { logger: pino() })
 * ```
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Throws `bad-type`. */
export const readLogger = having<Logger>('a logger: createLogger()', ...LOG_LEVELS)

/** Says nothing. */
export const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
