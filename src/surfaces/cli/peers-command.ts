import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import type { Config } from '../../setup/index'
import { action, command, type Context } from './context'
import type { CliHost } from './host'
import { plain } from './output'
import type { RunningNode } from './running-node'

interface PeersFlags {
  readonly url?: string
}

/** One peer, or one address at which one is wanted. */
interface PeerRow {
  readonly address?: string
  readonly peer?: string
  /** `configured`: nothing that runs knows of it. */
  readonly state: 'configured' | 'dialling' | 'connected' | 'waiting' | 'suspended'
  readonly phase?: string
  /** Why the last attempt failed. */
  readonly code?: string
}

const URL_FLAG = [
  '--url <url>',
  'where `serve` answers (default: where the one of this folder says that it does)',
] as const

/** `peers`: who is wanted and who is connected; `peers add` and `peers remove` change it. */
export function peersCommand(host: CliHost): Command {
  return command('peers', 'List peers: those of the settings, and those of the `serve` that runs with them.')
    .option(...URL_FLAG)
    .action(action<PeersFlags>(host, (context, _args, flags) => list(context, flags)))
    .addCommand(
      command('add', 'Write an address into the settings, and connect the running `serve` to it.')
        .argument('<address>', 'such as ws://example.net:7070')
        .option(...URL_FLAG)
        .action(action<PeersFlags>(host, (context, [address], flags) => add(context, address as string, flags))),
    )
    .addCommand(
      command('remove', 'Take an address out of the settings, and end the running session with it.')
        .argument('<address or did>', 'an address of the settings, or the did:key of a peer')
        .option(...URL_FLAG)
        .action(action<PeersFlags>(host, (context, [name], flags) => remove(context, name as string, flags))),
    )
}

async function list(context: Context, flags: PeersFlags): Promise<void> {
  const { output } = context
  const { config } = await context.resolve()
  const running = await runningOf(config, flags)
  const rows = running
    ? rowsOf(running, config.peers)
    : config.peers.map(address => ({ address, state: 'configured' as const }))
  for (const row of rows) output.item(row, lineOf(row))
  output.end()
}

function rowsOf({ status }: RunningNode, configured: readonly string[]): PeerRow[] {
  const { connections, peers } = status
  const phases = new Map(peers.map(({ peer, phase }) => [peer, phase]))
  const wanted = connections.map(({ address, peer, state, lastError }): PeerRow => {
    const phase = peer === undefined || state !== 'connected' ? undefined : phases.get(peer)
    return {
      ...{ address, state },
      ...(peer !== undefined && { peer }),
      ...(phase !== undefined && { phase }),
      ...(state !== 'connected' && lastError && { code: lastError.code }),
    }
  })
  const known = new Set(wanted.map(({ peer }) => peer))
  const others = peers
    .filter(({ peer }) => !known.has(peer))
    .map(({ peer, remote, phase }): PeerRow => ({ address: remote, peer, state: 'connected', phase }))
  const dialled = new Set(connections.map(({ address }) => address))
  // Written into the settings while it runs, and not by this command.
  const unknown = configured.filter(address => !dialled.has(address))
  return [...wanted, ...others, ...unknown.map((address): PeerRow => ({ address, state: 'configured' }))]
}

function lineOf({ address = '', peer = '', state, phase, code }: PeerRow): string {
  const how = [state, phase, code].filter(each => each !== undefined).join(', ')
  return plain(`${address.padEnd(32)} ${how.padEnd(24)} ${peer}`).trimEnd()
}

async function add(context: Context, address: string, flags: PeersFlags): Promise<void> {
  const { sources } = context
  if (!URL.canParse(address)) {
    throw new CosmicError({ code: 'bad-address', field: '<address>', hint: 'such as ws://example.net:7070' })
  }
  const { config } = await changeable(context)
  const { editConfig } = await import('../../setup/index')
  const isNew = !config.peers.includes(address)
  const peers = isNew ? [...config.peers, address] : config.peers
  const file = await editConfig(sources, values => ({ ...values, peers }))
  const running = await runningOf(config, flags)
  let met: { peer?: string; code?: string } = {}
  if (running) {
    met = await running.client.connect(address, { retry: true }).catch((error: unknown) => ({ code: codeOf(error) }))
  }
  const state = !running ? 'configured' : met.peer === undefined ? 'waiting' : 'connected'
  const row: PeerRow = { address, state, ...met }
  context.output.answer({ ...row, file, isNew }, lineOf(row))
}

async function remove(context: Context, name: string, flags: PeersFlags): Promise<void> {
  const { config } = await changeable(context)
  const running = await runningOf(config, flags)
  const rows = running ? rowsOf(running, config.peers) : []
  const isKnown = rows.some(row => (row.peer === name || row.address === name) && row.state !== 'configured')
  const isSession = rows.some(row => (row.peer === name || row.address === name) && row.state === 'connected')
  const gone = config.peers.filter(
    address => address === name || rows.some(row => row.address === address && row.peer === name),
  )
  if (!isKnown && gone.length === 0) {
    throw new CosmicError({ code: 'bad-value', field: 'address', message: `there is no peer ${name}` })
  }
  if (gone.length > 0) {
    const { editConfig } = await import('../../setup/index')
    await editConfig(context.sources, values => ({
      ...values,
      peers: config.peers.filter(each => !gone.includes(each)),
    }))
  }
  if (isKnown) await running?.client.disconnect(sessionName(running, name))
  context.output.answer({ removed: gone, disconnected: isSession }, gone.join('\n') || name)
}

/** The `serve` that runs; one that is named must answer. */
async function runningOf(config: Config, flags: PeersFlags): Promise<RunningNode | undefined> {
  const { runningNode } = await import('./running-node')
  const running = await runningNode(config, flags)
  if (running || flags.url === undefined) return running
  throw new CosmicError({
    code: 'unreachable',
    field: 'url',
    message: `no serve of this identity answers at ${flags.url}, or with these http.tokens`,
  })
}

/** What dialled here is ended by its address, and dialled no more; what came from there by whom it is. */
function sessionName({ status }: RunningNode, name: string): string {
  if (status.connections.some(({ address }) => address === name)) return name
  return status.peers.find(({ remote }) => remote === name)?.peer ?? name
}

/** The answer's code; who does not answer in time has gone on dialling. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : 'timeout'
}

/** The settings, unless their peers stand where this command cannot change them. */
async function changeable({ resolve }: Context) {
  const resolved = await resolve()
  const origin = resolved.origins.get('peers')
  if (origin === 'environment' || origin === '.env' || origin === 'flag') {
    throw new CosmicError({
      code: 'bad-value',
      field: 'peers',
      message: `peers come from ${origin}: change them there`,
    })
  }
  return resolved
}
