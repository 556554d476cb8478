import { flag, func, oneOf, record } from '../../base/index'
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger'
import { redact, redactText } from './redact'

export interface LoggerOptions {
  /** The least that is written (default `info`); `silent` writes nothing. */
  readonly level?: LogLevel | 'silent'
  /** `json` (the default): one object a line, with `time`, `level` and `msg`; `pretty`: for people. */
  readonly format?: 'json' | 'pretty'
  /** Colours of `pretty` (default false). */
  readonly colors?: boolean
  /** Takes each line with its end (default: standard error). What it throws is the caller's. */
  readonly write?: (line: string) => void
  /** Milliseconds since the Unix epoch (default: the clock's). */
  readonly now?: () => number
}

const COLORS: Readonly<Record<LogLevel, number>> = { debug: 2, info: 32, warn: 33, error: 31 }
/** What would steer a terminal, or turn the direction of writing. */
const STEERING = /[\p{C}\p{Zl}\p{Zp}]/gu

const toStandardError = (line: string) => void process.stderr.write(line)
const readOptions = record<LoggerOptions>({
  level: oneOf<LogLevel | 'silent'>(...LOG_LEVELS, 'silent'),
  format: oneOf('json', 'pretty'),
  colors: flag,
  write: func,
  now: func,
})

/**
 * A logger that writes lines: secrets masked by their names, passwords cut out of URLs, bytes and long texts cut short.
 *
 * @example
 * ```ts
 * const logger = createLogger({ level: 'debug', format: 'pretty' })
 * logger.info({ peer: 'did:key:z6Mk…', token: 'abc' }, 'connected') // 12:00:00.000 INFO connected peer=did:key:z6Mk… token=***
 * ```
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const {
    level = 'info',
    format = 'json',
    colors = false,
    now = Date.now,
    write = toStandardError,
  } = readOptions(options, '')
  const least = level === 'silent' ? LOG_LEVELS.length : LOG_LEVELS.indexOf(level)
  const line = format === 'json' ? jsonLine : colors ? colored : prettyLine
  const at = (name: LogLevel) => (fields: LogFields, message: string) => {
    if (LOG_LEVELS.indexOf(name) >= least)
      write(`${line(now(), name, redact(fields) as LogFields, redactText(message))}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function jsonLine(time: number, level: LogLevel, fields: LogFields, msg: string): string {
  return JSON.stringify({ ...fields, time: new Date(time).toISOString(), level, msg })
}

function prettyLine(time: number, level: LogLevel, fields: LogFields, message: string): string {
  const told = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${textOf(value)}`],
  )
  const clock = new Date(time).toISOString().slice(11, 23)
  return plain([clock, level.toUpperCase().padEnd(5), message, ...told].join(' '))
}

function colored(time: number, level: LogLevel, fields: LogFields, message: string): string {
  const text = prettyLine(time, level, fields, message)
  return `\u001b[${COLORS[level]}m${text.slice(0, 18)}\u001b[0m${text.slice(18)}`
}

const textOf = (value: unknown) =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? '')
const plain = (text: string) => text.replace(STEERING, '\ufffd')
