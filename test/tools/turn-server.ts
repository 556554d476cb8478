import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from './free-port'
import { TURN_PATH } from './servers.mjs'

export interface TurnServer {
  /** As `iceServers` take it. */
  readonly iceServer: { readonly urls: string; readonly username: string; readonly credential: string }
  /** How many relays it has granted, and the bytes of its log so far. */
  allocations(): number
  stop(): Promise<void>
}

const [USER, PASSWORD] = ['agent', 'secret of the tests']

/** A TURN relay of the tests' own on loopback, with long-term credentials (RFC 8656). */
export async function startTurnServer(): Promise<TurnServer> {
  const port = await freePort()
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-turn-'))
  const loopback = ['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--allow-loopback-peers']
  const plain = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--lt-cred-mech', '--realm', 'cosmic.test']
  const files = ['--userdb', path.join(folder, 'users'), '--pidfile', path.join(folder, 'pid'), '--log-file', 'stdout']
  const args = [...plain, ...loopback, ...files, '--user', `${USER}:${PASSWORD}`, '--listening-port', `${port}`, '-v']
  const child = spawn(TURN_PATH, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      if (/UDP listener opened on/.test(said)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', code => reject(new Error(`turnserver ended with ${code}: ${said}`)))
  })
  return {
    iceServer: { urls: `turn:127.0.0.1:${port}?transport=udp`, username: USER, credential: PASSWORD },
    allocations: () => said.match(/ALLOCATE processed, success/g)?.length ?? 0,
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}
