import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from './free-port'
import { NATS_PATH } from './servers.mjs'

/** A `nats-server` with JetStream of the tests' own, on loopback. */
export class NatsServer {
  readonly port: number
  readonly #args: readonly string[]
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port
    this.#folder = folder
    this.#args = args
  }

  static async start(options: readonly string[] = []): Promise<NatsServer> {
    const server = await NatsServer.#make(options)
    await server.resume()
    return server
  }

  /** Servers that keep each block three times, ready when they have met. */
  static async startCluster(): Promise<NatsServer[]> {
    const ports = await Promise.all([freePort(), freePort(), freePort()])
    const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(',')
    const servers = await Promise.all(
      ports.map((port, i) =>
        NatsServer.#make([
          ...['--cluster_name', 'cosmic', '--cluster', `nats://127.0.0.1:${port}`, '--routes', routes],
          ...['--server_name', `node-${i}`],
        ]),
      ),
    )
    await Promise.all(servers.map(server => server.resume()))
    return servers
  }

  static async #make(options: readonly string[]): Promise<NatsServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-nats-'))
    const port = await freePort()
    return new NatsServer(port, folder, ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', folder, ...options])
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** Starts it, again where it was stopped, over what it has kept. */
  async resume(): Promise<void> {
    const child = (this.#process = spawn(NATS_PATH, [...this.#args], { stdio: ['ignore', 'ignore', 'pipe'] }))
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.once('exit', code => reject(new Error(`nats-server ended with ${code}: ${said}`)))
      child.stderr!.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-10_000)
        if (said.includes('Server is ready')) resolve()
      })
    })
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
