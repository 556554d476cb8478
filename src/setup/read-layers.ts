import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { CosmicError, fields, flag, nearestName, record, text } from '../base/index'
import { PREFIX, settings, valueOf, type Setting } from './settings'

/** The file that is read when none is named. */
export const CONFIG_FILE = 'cosmic.config.json'
/** Names the file, where no flag does. */
export const CONFIG_VARIABLE = 'COSMIC_CONFIG'
const MAX_FILE_BYTES = 1_048_576

/** Values from one place, and what it is called. */
export interface Layer {
  readonly origin: string
  /** Where relative paths in it start. */
  readonly base: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface LayerSources {
  /** Where `cosmic.config.json` and `.env` are looked for (default: the process’s). */
  readonly cwd?: string
  /** The configuration file; one that is named must be there, unless `isNew`. */
  readonly file?: string
  /** Whether the file that is named is still to be made (default false). */
  readonly isNew?: boolean
  /** Default: the process’s. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** By path, such as `storage.kind`; the values are texts as a command line has them. */
  readonly flags?: Readonly<Record<string, string>>
}

const texts = (value: unknown, path: string) => fields(value, path) as Readonly<Record<string, string>>
const readSources = record<LayerSources>({ cwd: text, file: text, isNew: flag, env: texts, flags: texts })

/**
 * The configuration file that is meant, whether or not it is there. Rejects as `resolveConfig` does for what cannot be read.
 *
 * @example
 * ```ts
 * const { file } = await configFileOf()
 * ```
 */
export async function configFileOf(sources: LayerSources) {
  const { cwd = process.cwd(), env = process.env, ...given } = readSources(sources, '')
  const dotenv = await readDotenv(path.join(cwd, '.env'))
  const named = given.file ?? env[CONFIG_VARIABLE] ?? dotenv[CONFIG_VARIABLE]
  return { file: path.resolve(cwd, named ?? CONFIG_FILE), isNamed: named !== undefined, dotenv }
}

/** Configuration file < `.env` < environment < flags; absent ones are left out. */
export async function readLayers(sources: LayerSources): Promise<Layer[]> {
  const { cwd = process.cwd(), env = process.env, flags = {}, isNew = false } = readSources(sources, '')
  const { file, isNamed, dotenv } = await configFileOf(sources)
  const layers = [
    await readConfigFile(file, isNamed && !isNew),
    { origin: '.env', base: cwd, values: ofVariables(dotenv, '.env') },
    { origin: 'environment', base: cwd, values: ofVariables(env, 'environment') },
    { origin: 'flag', base: cwd, values: ofFlags(flags) },
  ]
  return layers.filter(layer => layer !== undefined && Object.keys(layer.values).length > 0) as Layer[]
}

async function readConfigFile(file: string, mustBeThere: boolean): Promise<Layer | undefined> {
  const values = await readConfigValues(file)
  if (values === undefined) {
    if (!mustBeThere) return undefined
    throw new CosmicError({ code: 'storage', field: 'config', message: `there is no file ${file}` })
  }
  const { $schema: _, ...rest } = values
  return { origin: path.basename(file), base: path.dirname(file), values: rest }
}

/** What stands in a configuration file, as it is; `undefined` where there is none. */
export async function readConfigValues(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const content = await readBounded(file)
  if (content === undefined) return undefined
  const refusal = (hint: string) =>
    new CosmicError({ code: 'bad-json', field: 'config', message: `${file} is not a JSON object`, hint })
  let values: unknown
  try {
    values = JSON.parse(content)
  } catch {
    // A parser's message quotes the file, which may hold a secret.
    throw refusal('JSON has no comments and no trailing commas')
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw refusal('{ … }')
  return values as Record<string, unknown>
}

async function readDotenv(file: string): Promise<Readonly<Record<string, string | undefined>>> {
  const content = await readBounded(file)
  return content === undefined ? {} : parseEnv(content)
}

async function readBounded(file: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(file)
    if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CosmicError({ code: 'storage', field: 'config', message: `${file} cannot be read` }, { cause: error })
  }
  throw new CosmicError({ code: 'too-large', field: 'config', limit: MAX_FILE_BYTES, message: `${file} is too large` })
}

/**
 * Settings by their variables. Other software uses names with this prefix too: one that no setting has is refused only where
 * it begins like one of a section, as `COSMIC_STORAGE_PAHT`.
 */
function ofVariables(variables: Readonly<Record<string, string | undefined>>, origin: string): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(variables)) {
    if (given === undefined || !name.startsWith(PREFIX) || name === CONFIG_VARIABLE) continue
    const setting = settings().find(({ variable }) => variable === name)
    if (setting) put(values, setting, given, name)
    else if (beginsLikeSection(name)) {
      const known = settings().map(({ variable }) => variable)
      throw new CosmicError({ code: 'unknown-field', field: name, hint: `${nearestName(name, known)} (${origin})` })
    }
  }
  return values
}

function beginsLikeSection(name: string): boolean {
  return settings().some(({ variable, path }) => {
    const section = variable.slice(0, PREFIX.length + path.split('.', 1)[0]!.length + 1)
    return path.includes('.') && name.startsWith(section)
  })
}

function ofFlags(flags: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(flags)) {
    const setting = settings().find(({ path }) => path === name)
    if (setting) put(values, setting, given, name)
    else {
      const known = settings().map(({ path }) => path)
      throw new CosmicError({ code: 'unknown-field', field: name, hint: nearestName(name, known) })
    }
  }
  return values
}

function put(values: Record<string, unknown>, setting: Setting, given: string, name: string): void {
  const value = valueOf(setting, given)
  if (value === undefined) throw new CosmicError({ code: 'bad-json', field: name, hint: 'a value as JSON has it' })
  const steps = setting.path.split('.')
  const last = steps.pop()!
  let at = values
  for (const step of steps) at = (at[step] ??= {}) as Record<string, unknown>
  at[last] = value
}
