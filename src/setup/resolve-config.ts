import path from 'node:path'
import type { z } from 'zod'
import { CosmicError, flag, nearestName, record, text, type ErrorCode } from '../base/index'
import { checkRules } from './check-rules'
import { configSchema, type Config } from './config-schema'
import { readLayers, type LayerSources } from './read-layers'
import { settings } from './settings'

/** A configuration, and where each of its values came from. */
export interface ResolvedConfig {
  readonly config: Config
  /** By path; what is not named here is a default. */
  readonly origins: ReadonlyMap<string, string>
}

/** Paths of the file system, which start where they are written. */
const FILE_PATHS = ['folder', 'identity.file', 'storage.path'] as const

/**
 * Defaults < configuration file < `.env` < environment (`COSMIC_*`) < flags. Rejects with `unknown-field`, `bad-type`,
 * `out-of-range`, `missing-field`, `bad-value` and the path of the first value that cannot be, with the nearest right name
 * where one is misspelt; `storage`, `bad-json`, `too-large` for a file.
 *
 * @example
 * ```ts
 * const { config, origins } = await resolveConfig({ flags: { 'storage.kind': 'memory' } })
 * origins.get('storage.kind') // 'flag'
 * ```
 */
export async function resolveConfig(sources: LayerSources = {}): Promise<ResolvedConfig> {
  const layers = await readLayers(sources)
  const merged: Record<string, unknown> = {}
  const origins = new Map<string, string>()
  for (const layer of layers) {
    checkConfig(layer.values, { partial: true, origin: layer.origin })
    merge(merged, withPaths(layer.values, layer.base), layer.origin, origins)
  }
  return { config: checkConfig(merged, { base: sources.cwd ?? process.cwd() }), origins }
}

interface CheckOptions {
  readonly base?: string
  readonly partial?: boolean
  readonly origin?: string
}

const readOptions = record<CheckOptions>({ base: text, partial: flag, origin: text })

/** A configuration with its defaults; relative paths start at `base`. Throws as `resolveConfig` rejects. */
export function checkConfig(input: unknown, options: CheckOptions = {}): Config {
  const { base, partial = false, origin } = readOptions(options, '')
  const result = configSchema.safeParse(input, { jitless: true })
  if (result.success) {
    checkRules(result.data, origin)
    return base === undefined ? result.data : (withPaths(result.data, base) as Config)
  }
  // A layer alone need not be complete: what it lacks, or contradicts, another one may mend.
  const issues = result.error.issues.filter(issue => !partial || (issue.code !== 'custom' && !isMissing(issue, input)))
  const [first] = issues
  if (!first) return input as Config
  throw refusal(first, origin)
}

function isMissing(issue: z.core.$ZodIssue, input: unknown): boolean {
  return valueAt(input, issue.path) === undefined
}

function valueAt(input: unknown, steps: readonly PropertyKey[]): unknown {
  return steps.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input)
}

function refusal(issue: z.core.$ZodIssue, origin: string | undefined): CosmicError {
  const field = issue.path.map(String).join('.')
  const from = origin === undefined ? '' : ` (${origin})`
  const of = (code: ErrorCode, at: string, hint: string, limit?: number | string) =>
    new CosmicError({ code, field: at, hint: hint + from, ...(limit !== undefined && { limit }) })
  switch (issue.code) {
    case 'unrecognized_keys': {
      const name = issue.keys[0]!
      const names = namesIn(field)
      const hint = names.length > 0 ? nearestName(name, names) : 'there is no such field'
      return of('unknown-field', field === '' ? name : `${field}.${name}`, hint)
    }
    case 'too_big':
      return of('out-of-range', field, issue.message, String(issue.maximum))
    case 'too_small':
      return of('out-of-range', field, issue.message, String(issue.minimum))
    case 'invalid_type':
      return of('bad-type', field, issue.message)
    case 'custom':
      return of(
        issue.message.startsWith('is needed') ? 'missing-field' : 'bad-value',
        field,
        `${field} ${issue.message}`,
      )
    default:
      return of('bad-value', field, issue.message)
  }
}

function namesIn(section: string): string[] {
  const start = section === '' ? '' : `${section}.`
  const names = settings().flatMap(({ path }) =>
    path.startsWith(start) ? [path.slice(start.length).split('.', 1)[0]!] : [],
  )
  return [...new Set(names)]
}

function merge(
  into: Record<string, unknown>,
  values: Readonly<Record<string, unknown>>,
  origin: string,
  origins: Map<string, string>,
  prefix = '',
): void {
  for (const [name, value] of Object.entries(values)) {
    const at = prefix + name
    if (isSection(at) && isRecord(value)) {
      merge((into[name] ??= {}) as Record<string, unknown>, value, origin, origins, `${at}.`)
    } else {
      into[name] = value
      origins.set(at, origin)
    }
  }
}

/** Sections are merged; lists, policies and the like are replaced as a whole. */
function isSection(at: string): boolean {
  return settings().some(({ path }) => path.startsWith(`${at}.`))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The same with absolute paths of files; relative ones start at `base`. */
function withPaths(values: Readonly<Record<string, unknown>>, base: string): Record<string, unknown> {
  const out = structuredClone(values) as Record<string, unknown>
  for (const at of FILE_PATHS) {
    const [name, section] = at.split('.').reverse() as [string, string?]
    const holder = section === undefined ? out : out[section]
    if (isRecord(holder) && typeof holder[name] === 'string') holder[name] = path.resolve(base, holder[name])
  }
  return out
}
