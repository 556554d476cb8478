import { InvalidArgumentError, type Command } from 'commander'
import type { SignalingServer } from '../signaling/index'
import { action, command } from './context'
import type { CliHost } from './host'
import { stopped } from './serve-node'

const DEFAULT_PORT = 8787

/** `signal`: runs a signaling service until stopped. */
export function signalCommand(host: CliHost): Command {
  return command('signal', 'Run a signaling service, where agents meet before they connect over WebRTC.')
    .option('--port <number>', 'TCP port; 0 takes any free one', parsePort, DEFAULT_PORT)
    .option('--host <address>', 'address to listen on; 0.0.0.0 opens it to the network', '127.0.0.1')
    .action(
      action<{ port: number; host: string }>(host, async ({ output }, _args, { port, host: address }) => {
        const { createSignalingServer } = await import('../signaling/index')
        const server = await createSignalingServer({ port, host: address })
        const { url, urls } = server
        output.answer({ url, urls }, welcome(server))
        await stopped(host.stop)
        await server.close()
      }),
    )
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}

function welcome({ url, urls }: SignalingServer): string {
  return `Signaling service at ${urls.join('  ')}

Agents that name it and the same room meet there:
  webRtcTransport({ signaling: '${url}', room: 'my-room' })

Ctrl-C stops it.`
}
