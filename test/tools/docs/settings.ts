import { format } from 'prettier'
import { configJsonSchema, resolveConfig, showConfig } from '../../../src/setup/index'
import { table } from '../markdown-table.mjs'

/** The settings of docs/command-line.md. */
export async function settingsTable(): Promise<string> {
  const shown = showConfig(await resolveConfig({ cwd: '/', env: {} }))
  const rows = shown.map(({ path, variable, value, description }) => [
    `\`${path}\``,
    `\`${variable}\``,
    value === undefined ? '' : `\`${JSON.stringify(path === 'folder' ? 'cosmic-data' : value)}\``,
    description,
  ])
  return table(['setting', 'variable', 'default', 'what it is'], rows)
}

/** docs/spec/config.schema.json. */
export function settingsSchema(): Promise<string> {
  return format(JSON.stringify(configJsonSchema()), { parser: 'json', printWidth: 120 })
}
