import { createServer } from 'node:net'
import type { Config } from '../../setup/index'
import { announced } from '../cli/announced'
import { failed, ok, skipped, type Check, type Found } from './finding'

/** Whether the ports on which this node is to listen are free, or its own. */
export const checkPorts: Check = async config => {
  const { http, websocket } = config
  const asked = [
    { setting: 'http.port', what: 'HTTP', ...http },
    ...(websocket.listen ? [{ setting: 'websocket.port', what: 'WebSocket', ...websocket }] : []),
  ]
  const found: Found[] = []
  for (const { setting, what, host, port } of asked) {
    const name = `${host}:${port} (${what})`
    if (port === 0) found.push(skipped(`${what} takes any free port`))
    else found.push(await judge(name, setting, await tryListen(host, port), () => isOurs(config, port)))
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

/** As its folder says: whoever holds the port is asked nothing. */
async function isOurs(config: Config, port: number): Promise<boolean> {
  const running = await announced(config)
  return running !== undefined && [running.url, ...running.addresses].some(each => portOf(each) === String(port))
}

const portOf = (address: string) => (URL.canParse(address) ? new URL(address).port : undefined)
