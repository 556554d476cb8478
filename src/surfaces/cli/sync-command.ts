import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import type { CosmicNode } from '../../setup/index'
import { action, command, wholeNumber, type Context } from './context'
import type { CliHost } from './host'
import { Progress } from './output'
import { loggerOf } from './logger-of'

interface SyncFlags {
  readonly timeout: number
}

/** `sync`: exchanges blocks with peers until both sides have the same. */
export function syncCommand(host: CliHost): Command {
  return command('sync', 'Exchange blocks with peers until both sides have the same.')
    .argument('[address...]', 'where they are (default: the peers of the settings, and the room of webrtc)')
    .option('--timeout <seconds>', 'give up after', wholeNumber('--timeout', 1, 86_400), 60)
    .action(
      action<SyncFlags>(host, (context, [addresses], flags) => sync(context, addresses as readonly string[], flags)),
    )
}

async function sync(context: Context, given: readonly string[], { timeout }: SyncFlags): Promise<void> {
  const { host, output } = context
  const resolved = await context.resolve()
  const { peers: known, webrtc } = resolved.config
  if (given.length + known.length === 0 && webrtc.signaling === undefined) {
    const hint = 'name an address, or set peers or webrtc.signaling'
    throw new CosmicError({ code: 'missing-field', field: '<address>', hint })
  }
  const logger = await loggerOf(host, resolved, 'error')
  await context.withNode({ embedder: false, logger }, async node => {
    const { client, config } = node
    const addresses = given.length > 0 ? given : config.peers
    const signal = AbortSignal.any([host.stop, AbortSignal.timeout(timeout * 1_000)])
    const before = (await node.store.stats()).blocks
    const progress = new Progress(host)
    let absent: PromiseRejectedResult | undefined
    const stop = client.on('progress', () => progress.report(lineOf(node)))
    try {
      // One that does not answer keeps nobody else from being met; it is told at the end.
      const met = await Promise.allSettled(addresses.map(address => client.connect(address, { signal })))
      const peers = met.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
      absent = met.find(each => each.status === 'rejected')
      if (absent && peers.length === 0) throw absent.reason
      await client.waitForSync({ signal, ...(peers.length > 0 && { peers }) })
    } catch (error) {
      if (signal.aborted && !host.stop.aborted)
        throw new CosmicError({ code: 'timeout', limit: `${timeout} s` }, { cause: error })
      throw error
    } finally {
      stop()
      progress.end()
    }
    const { peers, store } = await client.status()
    const value = {
      blocks: store.blocks,
      new: store.blocks - before,
      peers: peers.map(({ peer, sent, stored }) => ({ peer, sent, stored })),
    }
    const lines = value.peers.map(({ peer, sent, stored }) => `${peer}: ${stored} received, ${sent} sent`)
    output.answer(value, [...lines, `${value.new} new, ${value.blocks} in all`].join('\n'))
    if (absent) throw absent.reason
  })
}

function lineOf({ client }: CosmicNode): string {
  return `${client.id.slice(0, 24)}… is exchanging blocks`
}
