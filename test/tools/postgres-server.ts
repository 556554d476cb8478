import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port'
import { postgresBin } from './postgres.mjs'

/** What it is told beyond the defaults: nothing that weakens durability. */
const SETTINGS = ['-c', 'shared_buffers=64MB', '-c', 'max_connections=60', '-c', 'max_wal_size=512MB']

/** A PostgreSQL server of the tests' own, in a folder of its own, on loopback. */
export class PostgresServer {
  readonly directory: string
  readonly port: number
  #process: ChildProcess | undefined

  private constructor(directory: string, port: number) {
    this.directory = directory
    this.port = port
  }

  static async start(): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'cosmic-postgres.'))
    await chmod(directory, 0o700)
    if (process.getuid?.() === 0) execFileSync('chown', ['postgres:postgres', directory])
    const server = new PostgresServer(directory, await freePort())
    const options = ['--username=cosmic', '--auth=trust', '--encoding=UTF8', '--locale=C', '--data-checksums']
    server.#run('initdb', ['-D', server.data, ...options])
    await server.resume()
    return server
  }

  get data(): string {
    return join(this.directory, 'data')
  }

  get address(): string {
    return `postgres://cosmic@127.0.0.1:${this.port}/postgres`
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts it, again where it was stopped; resolves when it answers. */
  async resume(): Promise<void> {
    const network = ['-h', '127.0.0.1', '-p', String(this.port), '-k', this.directory]
    const [command, args] = asPostgres(join(postgresBin()!, 'postgres'), ['-D', this.data, ...network, ...SETTINGS])
    const child = (this.#process = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] }))
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.once('exit', code => reject(new Error(`postgres ended with ${code}: ${said}`)))
      child.stderr!.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-10_000)
        if (said.includes('ready to accept connections')) resolve()
      })
    })
  }

  /** `SIGINT` ends every connection and stops in order; `SIGQUIT` stops at once, as a crash would. */
  async halt(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    this.#process = undefined
  }

  async stop(): Promise<void> {
    await this.halt('SIGQUIT')
    await rm(this.directory, { recursive: true, force: true })
  }

  #run(program: string, args: readonly string[]): void {
    const [command, all] = asPostgres(join(postgresBin()!, program), args)
    execFileSync(command, all, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

/** `exec`s: the process number is the server's. */
function asPostgres(program: string, args: readonly string[]): [command: string, args: string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]]
  return ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]]
}
