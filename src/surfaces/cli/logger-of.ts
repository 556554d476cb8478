import type { Config, Logger, ResolvedConfig } from '../../setup/index'
import type { CliHost } from './host'

/** The log that the settings ask for, on standard error. `quietest` holds where they say nothing of it. */
export async function loggerOf(
  host: CliHost,
  { config, origins }: ResolvedConfig,
  quietest: Config['log']['level'] = 'info',
): Promise<Logger> {
  const { createLogger } = await import('../../setup/index')
  const { level, format } = config.log
  const isPretty = format === 'pretty' || (format === 'auto' && host.hasTerminal)
  return createLogger({
    level: origins.has('log.level') ? level : quietest,
    format: isPretty ? 'pretty' : 'json',
    colors: isPretty && host.hasTerminal && host.hasColor === true,
    write: line => host.err(line),
  })
}

/** For commands that tell nothing but what is wrong with this node, whatever the settings say. */
export function faultsOf(host: CliHost, { config }: ResolvedConfig): Promise<Logger> {
  return loggerOf(host, { config, origins: new Map() }, 'error')
}
