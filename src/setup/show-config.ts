import { fields, refuse } from '../base/index'
import type { ResolvedConfig } from './resolve-config'
import { withoutSecrets } from './log/redact'
import { settings } from './settings'

/** One setting as `config show` has it. */
export interface ShownSetting {
  readonly path: string
  readonly variable: string
  /** Absent where there is none; `'***'` for a secret that is set, and for names, passwords and keys in URLs. */
  readonly value?: unknown
  /** `default`, the name of the file, `.env`, `environment` or `flag`. */
  readonly origin: string
  readonly description: string
}

/** As it is, but for names, passwords and keys in URLs. */
function shown(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  return Array.isArray(value) ? value.map(shown) : value
}

/** Every setting with its value and where that came from; secrets are masked. */
export function showConfig(resolved: ResolvedConfig): ShownSetting[] {
  const { config, origins } = fields(resolved, 'resolved') as unknown as ResolvedConfig
  fields(config, 'resolved.config')
  if (!(origins instanceof Map)) refuse('bad-type', 'resolved.origins', 'a Map, as resolveConfig answers')
  return settings().map(({ path, variable, description, isSecret }) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], config)
    return {
      path,
      variable,
      ...(value !== undefined && { value: isSecret ? '***' : shown(value) }),
      origin: origins.get(path) ?? 'default',
      description,
    }
  })
}
