import { format } from 'prettier'
import { configJsonSchema, resolveConfig, showConfig } from '../../../src/setup/index'
import { openApiDocument, API_VERSION } from '../../../src/surfaces/http/openapi'
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
  return pretty(configJsonSchema())
}

/** docs/spec/openapi.json. */
export function openApiText(): Promise<string> {
  return pretty(openApiDocument(API_VERSION))
}

function pretty(value: unknown): Promise<string> {
  return format(JSON.stringify(value), { parser: 'json', printWidth: 120 })
}
