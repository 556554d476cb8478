import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort, freePorts } from './free-port'
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
    const server = NatsServer.#make(await freePort(), options)
    await server.resume()
    return server
  }

  /** Servers that keep each block three times, ready when they have met. */
  static async startCluster(): Promise<NatsServer[]> {
    const all = await freePorts(6)
    const [ports, own] = [all.slice(0, 3), all.slice(3)]
    const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(',')
    const servers = ports.map((port, i) =>
      NatsServer.#make(own[i]!, [
        ...['--cluster_name', 'cosmic', '--cluster', `nats://127.0.0.1:${port}`, '--routes', routes],
        ...['--server_name', `node-${i}`],
      ]),
    )
    await Promise.all(servers.map(server => server.resume()))
    return servers
  }

  static #make(port: number, options: readonly string[]): NatsServer {
    const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-nats-'))
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
