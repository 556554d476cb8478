import { Command, Option } from 'commander'
import { Cid, CosmicError } from '../../base/index'
import { parseDidKey } from '../../signer/index'
import type { CosmicNode, LayerSources, NodeOptions, ResolvedConfig } from '../../setup/index'
import type { CliHost } from './host'
import { faultsOf } from './logger-of'
import { Output } from './output'

interface CommonOptions {
  readonly config?: string
  readonly set: Readonly<Record<string, string>>
  readonly json?: boolean
  readonly jsonl?: boolean
}

/** What every command is given beside its own arguments. */
export interface Context {
  readonly host: CliHost
  readonly output: Output
  /** Where settings are read from. */
  readonly sources: LayerSources
  resolve(): Promise<ResolvedConfig>
  /** Opens the node for the work and closes it whatever becomes of it. */
  withNode<T>(options: NodeOptions, work: (node: CosmicNode) => Promise<T>): Promise<T>
}

/** A command with the options that all have. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--config <file>', 'configuration file (default: cosmic.config.json, if it is there)')
    .option('--set <setting=value>', 'overrides one setting, such as storage.kind=memory; may be repeated', collect, {})
    .option('--json', 'answers as one JSON value')
    .addOption(unlike('--jsonl', 'answers as one JSON value a line', 'json'))
}

/** A flag that contradicts others, by their names in options: together they are refused. */
export function unlike(flags: string, description: string, ...others: string[]): Option {
  return new Option(flags, description).conflicts(others)
}

function collect(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new CosmicError({ code: 'bad-value', field: '--set', hint: 'setting=value' })
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Runs `work` as the action of a command: its arguments and own options, with the context. */
export function action<O extends object>(
  host: CliHost,
  work: (context: Context, args: readonly (string | readonly string[] | undefined)[], options: O) => Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const options = given.at(-2) as CommonOptions & O
    const args = given.slice(0, -2) as (string | readonly string[] | undefined)[]
    await work(contextOf(host, options), args, options)
  }
}

function contextOf(host: CliHost, { config, set, json, jsonl }: CommonOptions): Context {
  const { cwd, env } = host
  const sources: LayerSources = { cwd, env, flags: set, ...(config !== undefined && { file: config }) }
  const resolve = async () => {
    const { resolveConfig } = await import('../../setup/index')
    return resolveConfig(sources)
  }
  return {
    host,
    sources,
    output: new Output(host, jsonl ? 'jsonl' : json ? 'json' : 'text'),
    resolve,
    async withNode(options, work) {
      const { createNode } = await import('../../setup/index')
      const resolved = await resolve()
      const node = await createNode(resolved.config, { logger: await faultsOf(host, resolved), ...options })
      try {
        return await work(node)
      } finally {
        await node.close()
      }
    },
  }
}

/** Alone, without network and model. */
export const OFFLINE: NodeOptions = { network: false, embedder: false }

/** A whole number of an option. */
export function wholeNumber(field: string, least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new CosmicError({ code: 'out-of-range', field, limit: `${least} … ${most}`, hint: 'a whole number' })
  }
}

/** A date, or a date and a time of day; else `Date.parse` takes much for a date that is none, such as `-5`. */
const ISO_8601 = /^[+-]?\d{4,6}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/i

/** An instant of an option: ISO 8601, or milliseconds. */
export function instant(field: string): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : ISO_8601.test(text) ? Date.parse(text) : NaN
    if (Number.isFinite(value)) return value
    throw new CosmicError({ code: 'bad-value', field, hint: 'such as 2026-01-01T00:00Z, or milliseconds' })
  }
}

/** The author that `--author` names: of a misspelt one nothing would be found, and an archive would hold nothing. */
export function author(text: string): string {
  if (parseDidKey(text).ok) return text
  throw new CosmicError({
    code: 'bad-author-key',
    field: '--author',
    hint: 'a did:key; npx cosmic-embeddings id prints yours',
  })
}

/** A block id of an argument or option, by its name in the usage. */
export function blockId(field: string): (text: string) => string {
  return text => {
    if (Cid.parse(text).ok) return text
    throw new CosmicError({ code: 'bad-cid', field, hint: 'the id of a block, bafyrei…' })
  }
}

/** Values of an option that may be repeated. */
export const repeated = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]
