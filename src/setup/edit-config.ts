import { randomUUID } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { configFileOf, readConfigValues, type LayerSources } from './read-layers'
import { fields, func } from '../base/index'
import { checkConfig } from './resolve-config'

/**
 * Changes the configuration file, or makes it: what `edit` answers stands there whole, or what was there before. Answers the
 * file's path. Rejects as `resolveConfig` does for a file that cannot be read, and for values that cannot be.
 */
export async function editConfig(
  sources: LayerSources,
  edit: (values: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): Promise<string> {
  func(edit, 'edit')
  const { file } = await configFileOf(sources)
  const values = fields(edit((await readConfigValues(file)) ?? {}), 'edit')
  const { $schema: _, ...settings } = values
  checkConfig(settings, { partial: true })
  const mode = await stat(file).then(
    found => found.mode & 0o777,
    () => 0o600,
  )
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, `${JSON.stringify(values, undefined, 2)}\n`, { flag: 'wx', mode })
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
  return file
}
