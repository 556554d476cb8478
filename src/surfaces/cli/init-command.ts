import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { Signer } from '../../signer/index'
import type { ResolvedConfig } from '../../setup/index'
import { action, command, type Context } from './context'
import type { CliHost } from './host'

interface InitOptions {
  readonly yes?: boolean
  readonly restore?: boolean
  readonly phrase: boolean
}

/** `init`: a configuration file and an identity, guided where somebody answers. */
export function initCommand(host: CliHost): Command {
  return command('init', 'Make a configuration file and an identity.')
    .option('--yes', 'ask nothing: take the defaults, and what --set says')
    .option('--restore', 'make the identity from a recovery phrase of 24 words on standard input')
    .option('--no-phrase', 'do not show the recovery phrase (whoever has it owns the identity)')
    .action(action<InitOptions>(host, (context, _args, options) => init(context, options)))
}

async function init(context: Context, options: InitOptions): Promise<void> {
  const { output, sources } = context
  const { checkConfig, configFileOf, openKeyStore, resolveConfig } = await import('../../setup/index')
  const { file } = await configFileOf(sources)
  const isNew = await access(file).then(
    () => false,
    () => true,
  )
  const given = await resolveConfig({ ...sources, isNew: true })
  const keyStore = await openKeyStore(given.config)
  if ((await keyStore.load()) !== undefined) {
    throw new CosmicError({
      code: 'identity-exists',
      hint: 'init makes the first identity of a folder and no second one',
    })
  }
  const answers = isNew && !options.yes && !options.restore ? await ask(context) : {}
  // What could not be read again is not written down.
  checkConfig(answers, { base: context.host.cwd })
  const phrase = options.restore ? await readPhrase(context.host) : await Signer.generatePhrase()
  const signer = await Signer.fromPhrase(phrase)
  const { values, secrets } = await chosen(given)
  await mkdir(given.config.folder, { recursive: true, mode: 0o700 })
  if (isNew) await writeSettings(file, { ...values, ...answers })
  try {
    await signer.save(keyStore)
  } catch (error) {
    if (isNew) await rm(file, { force: true })
    throw error
  }
  const shown = options.phrase && !options.restore
  const lines = [
    `Identity  ${signer.did}`,
    `Folder    ${given.config.folder}`,
    ...(isNew ? [`Settings  ${file}`] : []),
    ...(isNew && secrets.length > 0 ? [`Not written down, since secret: ${secrets.join(', ')}`] : []),
    ...(shown ? ['', 'Recovery phrase, shown this once. Write it down: it is the only way back.', '', phrase] : []),
  ]
  output.answer({ did: signer.did, folder: given.config.folder, ...(shown && { phrase }) }, lines.join('\n'))
}

/** Before the identity: a phrase that could not be shown would be lost. */
async function writeSettings(file: string, values: Record<string, unknown>): Promise<void> {
  await writeFile(file, `${JSON.stringify(values, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 })
}

/** What `--set` said goes into the new file; secrets do not. */
async function chosen(given: ResolvedConfig): Promise<{ values: Record<string, unknown>; secrets: string[] }> {
  const { showConfig } = await import('../../setup/index')
  const { config, origins } = given
  const masked = new Set(showConfig(given).flatMap(({ path: at, value }) => (value === '***' ? [at] : [])))
  const set = [...origins].flatMap(([at, origin]) => (origin === 'flag' ? [at] : []))
  const values: Record<string, unknown> = {}
  for (const at of set.filter(each => !masked.has(each))) {
    const [section, name] = at.split('.') as [keyof typeof config, string?]
    if (name === undefined) values[section] = config[section]
    else
      values[section] = { ...(values[section] as object), [name]: (config[section] as Record<string, unknown>)[name] }
  }
  return { values, secrets: set.filter(each => masked.has(each)) }
}

async function ask({ host }: Context): Promise<Record<string, unknown>> {
  if (!host.ask) return {}
  const signaling = (await host.ask('Signaling service to meet others at (ws://…, empty: none): ')).trim()
  const room = signaling && (await host.ask('Room there [lobby]: ')).trim()
  const place = (await host.ask('Place of this agent as latitude, longitude (empty: none): ')).trim()
  const [latitude, longitude, ...rest] = place.split(/[\s,]+/).map(Number)
  if (place !== '' && (rest.length > 0 || !Number.isFinite(latitude) || !Number.isFinite(longitude))) {
    throw new CosmicError({ code: 'bad-value', field: 'place', hint: 'two numbers, such as 48.2082, 16.3738' })
  }
  const grid = place && (await host.ask('Show it to others within about 11 km only? [Y/n] ')).trim()
  return {
    ...(signaling && { webrtc: { signaling, ...(room && { room }) } }),
    ...(place && { place: { latitude, longitude, ...(!/^n/i.test(grid) && { grid: 0.1 }) } }),
  }
}

const MAX_PHRASE = 1_024

async function readPhrase(host: CliHost): Promise<string> {
  let text = ''
  for await (const chunk of host.input()) {
    text += new TextDecoder().decode(chunk)
    if (text.length > MAX_PHRASE) throw new CosmicError({ code: 'bad-phrase', limit: MAX_PHRASE })
  }
  return text
}
