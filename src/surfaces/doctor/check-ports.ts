import { createServer } from 'node:net'
import type { Config } from '../../setup/index'
import { runningNode } from '../cli/running-node'
import { failed, ok, skipped, type Check, type Found } from './finding'

/** Whether the ports on which this node is to listen are free, or its own. */
export const checkPorts: Check = async (config, { timeoutMs }) => {
  const { http, websocket } = config
  const asked = [
    { setting: 'http.port', what: 'HTTP', ...http },
    ...(websocket.listen ? [{ setting: 'websocket.port', what: 'WebSocket', ...websocket }] : []),
  ]
  const found: Found[] = []
  for (const { setting, what, host, port } of asked) {
    const name = `${host}:${port} (${what})`
    if (port === 0) found.push(skipped(`${what} takes any free port`))
    else found.push(await judge(name, setting, await tryListen(host, port), () => isOurs(config, port, timeoutMs)))
  }
  return found
}

type Outcome = 'free' | NodeJS.ErrnoException

async function judge(name: string, setting: string, outcome: Outcome, isOwn: () => Promise<boolean>): Promise<Found> {
  if (outcome === 'free') return ok(`${name} is free`)
  const other = `npx cosmic-embeddings serve --set ${setting}=0`
  switch (outcome.code) {
    case 'EADDRINUSE':
      return (await isOwn())
        ? ok(`${name} is served by this node`)
        : failed(`${name} is in use by something else`, other)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return failed(
        `${name} is no address of this machine`,
        `npx cosmic-embeddings serve --set ${hostOf(setting)}=127.0.0.1`,
      )
    case 'EACCES':
      return failed(`${name} is for the system alone`, other)
    default:
      return failed(`${name} cannot be used: ${outcome.code ?? outcome.message}`, other)
  }
}

const hostOf = (setting: string) => setting.replace('port', 'host')

function tryListen(host: string, port: number): Promise<Outcome> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')))
  })
}

async function isOurs(config: Config, port: number, timeoutMs: number): Promise<boolean> {
  const running = await runningNode(config, { timeoutMs })
  if (!running) return false
  const { addresses } = running.status
  return port === config.http.port || addresses.some(address => new URL(address).port === String(port))
}
