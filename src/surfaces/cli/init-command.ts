import { access, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { Signer } from '../../signer/index'
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
  const { host, output } = context
  const given = await context.resolve()
  const { CONFIG_FILE, openKeyStore } = await import('../../setup/index')
  const file = path.join(host.cwd, CONFIG_FILE)
  const isNew = await access(file).then(
    () => false,
    () => true,
  )
  const keyStore = await openKeyStore(given.config)
  if ((await keyStore.load()) !== undefined) {
    throw new CosmicError({
      code: 'identity-exists',
      hint: 'init makes the first identity of a folder and no second one',
    })
  }
  const answers = isNew && !options.yes && !options.restore ? await ask(context) : {}
  const phrase = options.restore ? await readPhrase(host) : await Signer.generatePhrase()
  const signer = await Signer.fromPhrase(phrase)
  await mkdir(given.config.folder, { recursive: true, mode: 0o700 })
  await signer.save(keyStore)
  if (isNew)
    await writeFile(file, `${JSON.stringify({ ...chosen(given), ...answers }, undefined, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
    })
  const shown = options.phrase && !options.restore
  const lines = [
    `Identity  ${signer.did}`,
    `Folder    ${given.config.folder}`,
    ...(isNew ? [`Settings  ${file}`] : []),
    ...(shown ? ['', 'Recovery phrase, shown this once. Write it down: it is the only way back.', '', phrase] : []),
  ]
  output.answer({ did: signer.did, folder: given.config.folder, ...(shown && { phrase }) }, lines.join('\n'))
}

/** What `--set` said goes into the new file, secrets excepted. */
function chosen({ config, origins }: Awaited<ReturnType<Context['resolve']>>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [at, origin] of origins) {
    if (origin !== 'flag' || at === 'identity.passphrase' || at === 'storage.url' || at === 'embedder.key') continue
    const [section, name] = at.split('.') as [keyof typeof config, string?]
    if (name === undefined) out[section] = config[section]
    else out[section] = { ...(out[section] as object), [name]: (config[section] as Record<string, unknown>)[name] }
  }
  return out
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
