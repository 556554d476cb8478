import { CosmicError } from '../base/index'
import type { Connection, Listener, Transport } from '../wire/index'
import { checkConditions, CONDITIONS, drawDelay, type LinkConditions } from './link-conditions'
import type { Recorder } from './recorder'
import type { Scheduler } from './scheduler'
import type { SeededRandom } from './seeded-random'
import { type PipeHost, SimulatedPipe } from './simulated-pipe'
import { tamper, type Tampering } from './tampering'
import { untilAborted } from './until-aborted'
import { describeWay, newWay, type Way } from './way'

/** A connection whose messages get no further for so long is reset; so is a dial. Milliseconds. */
export const GIVE_UP_MS = 60_000
const DIAL_MS = 20_000

/** A machine on the network. A new one takes its place after a crash. */
export interface Host {
  readonly name: string
  alive: boolean
  /** Asleep: what arrives waits until it wakes. */
  asleep: boolean
  accept?: (connection: Connection) => void
}

export interface NetworkParts {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly recorder: Recorder
}

/** Hosts by name, and what lies between them. */
export class SimulatedNetwork implements PipeHost {
  readonly #parts: NetworkParts
  readonly #hosts = new Map<string, Host>()
  readonly #ways = new Map<string, Way>()
  readonly #pipes = new Set<SimulatedPipe>()
  #usual: LinkConditions = CONDITIONS.lan
  /** Messages and bytes that arrived. */
  readonly totals = { messages: 0, bytes: 0, dials: 0, connections: 0 }

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  /** A machine of this name, in place of the one before. */
  host(name: string): Host {
    const host: Host = { name, alive: true, asleep: false }
    this.#hosts.set(name, host)
    return host
  }

  has(name: string): boolean {
    return this.#hosts.has(name)
  }

  /** `sim://NAME` for one host. */
  transport(host: Host): Transport {
    return {
      schemes: ['sim'],
      dial: (address, options) => this.#dial(host, address, options?.signal),
      listen: async onConnection => listen(host, onConnection),
    }
  }

  /** How messages travel between any two hosts for which nothing else is said, or from one to another. */
  setConditions(conditions: Partial<LinkConditions>, from?: string, to?: string): void {
    checkConditions(conditions)
    if (from === undefined || to === undefined) {
      this.#usual = { ...this.#usual, ...conditions }
      for (const way of this.#ways.values()) describeWay(way, this.#usual)
    } else describeWay(this.#way(from, to), this.#usual, conditions)
  }

  /** No dial fails by chance any more. */
  endFailures(): void {
    this.#usual = { ...this.#usual, dialFailure: 0 }
    for (const way of this.#ways.values()) describeWay(way, this.#usual, { dialFailure: 0 })
  }

  /** Closes the way from one host to another; the way back stays as it is. */
  close(from: string, to: string): void {
    this.#way(from, to).closed = true
  }

  open(from: string, to: string): void {
    this.#way(from, to).closed = false
    this.#flush(pipe => pipe.from === from && pipe.to === to)
  }

  /** All ways are open, nothing is clogged or tampered with. */
  heal(): void {
    for (const way of this.#ways.values()) {
      way.closed = false
      way.cloggedUntil = 0
      delete way.tampering
    }
    this.#flush(() => true)
  }

  /** Nothing arrives before `ms` have gone by, or all is healed; then all of it does, and no connection ends of it. */
  clog(from: string, to: string, ms: number): void {
    const way = this.#way(from, to)
    way.cloggedUntil = this.#parts.scheduler.now + ms
    this.#parts.scheduler.schedule(() => this.#flush(pipe => pipe.from === from && pipe.to === to), ms)
  }

  /** Resets every connection between two hosts. */
  cut(a: string, b: string): void {
    for (const pipe of [...this.#pipes])
      if ((pipe.from === a && pipe.to === b) || (pipe.from === b && pipe.to === a)) pipe.reset()
  }

  /** Somebody on the way changes the next `count` messages. */
  tamper(from: string, to: string, kind: Tampering, count: number): void {
    this.#way(from, to).tampering = { kind, left: count }
  }

  /** The host is gone: with its connections reset, or `silent`, so that others notice only by hearing nothing. */
  crash(host: Host, silent: boolean): void {
    host.alive = false
    delete host.accept
    for (const pipe of [...this.#pipes].filter(({ from }) => from === host.name)) {
      pipe.kill()
      if (!silent) this.carry(pipe, 0, () => pipe.other.reset())
    }
  }

  sleep(host: Host): void {
    host.asleep = true
  }

  wake(host: Host): void {
    host.asleep = false
    this.#flush(({ to }) => to === host.name)
  }

  /** What was sent from one host to another: messages, their bytes as they lay on the wire, and connections in both directions. */
  traffic(from: string, to: string): Readonly<Way['traffic']> {
    return this.#way(from, to).traffic
  }

  carry(pipe: SimulatedPipe, bytes: number, arrive: () => void): void {
    const { scheduler, random } = this.#parts
    const way = this.#way(pipe.from, pipe.to)
    const delay = drawDelay(way.conditions, bytes, random)
    if (delay === 'broken') {
      pipe.broken = true
      return void scheduler.schedule(() => this.#break(pipe), 0)
    }
    if (bytes > 0) way.traffic.messages++
    way.traffic.bytes += bytes
    way.freeAt = Math.max(way.freeAt, scheduler.now) + bytes / way.conditions.bandwidth
    pipe.lastArrival = Math.max(way.freeAt + delay, pipe.lastArrival)
    scheduler.schedule(() => this.#arrive(pipe, bytes, arrive), pipe.lastArrival - scheduler.now)
  }

  alter(pipe: SimulatedPipe, message: Uint8Array): readonly Uint8Array[] {
    this.totals.messages++
    this.totals.bytes += message.length
    const { tampering } = this.#way(pipe.from, pipe.to)
    if (!tampering) return [message]
    if (tampering.held) {
      const { held } = tampering
      delete tampering.held
      return [message, held]
    }
    if (tampering.left <= 0) return [message]
    tampering.left--
    this.#parts.recorder.record('tamper', { node: pipe.to, from: pipe.from, kind: tampering.kind })
    const { now, held } = tamper(tampering.kind, message, this.#parts.random)
    if (held) tampering.held = held
    return now
  }

  forget(pipe: SimulatedPipe): void {
    this.#pipes.delete(pipe)
  }

  /** Messages that cannot get on wait in their order; the first to wait for too long breaks the connection. */
  #arrive(pipe: SimulatedPipe, bytes: number, arrive: () => void): void {
    if (pipe.stuck.length === 0 && this.#isPassable(pipe)) return arrive()
    pipe.stuck.push(arrive)
    if (pipe.stuck.length === 1) this.#giveUpOn(pipe)
  }

  #giveUpOn(pipe: SimulatedPipe): void {
    if (this.#isClogged(pipe)) return
    const [first] = pipe.stuck
    this.#parts.scheduler.schedule(() => {
      if (pipe.stuck[0] === first) this.#break(pipe)
    }, GIVE_UP_MS)
  }

  #isClogged({ from, to }: SimulatedPipe): boolean {
    return this.#way(from, to).cloggedUntil > this.#parts.scheduler.now
  }

  #isPassable(pipe: SimulatedPipe): boolean {
    const { from, to, other } = pipe
    return !this.#way(from, to).closed && !this.#isClogged(pipe) && !this.#hosts.get(to)?.asleep && !other.dead
  }

  #flush(concerns: (pipe: SimulatedPipe) => boolean): void {
    for (const pipe of [...this.#pipes].filter(concerns)) {
      if (pipe.stuck.length === 0) continue
      if (!this.#isPassable(pipe)) this.#giveUpOn(pipe)
      else for (const arrive of pipe.stuck.splice(0)) this.carry(pipe, 0, () => arrive())
    }
  }

  /** This end gives up; the other learns of it as soon as anything can reach it. */
  #break(pipe: SimulatedPipe): void {
    pipe.stuck.length = 0
    pipe.reset({ code: 'peer-gone', message: 'the connection timed out' })
    this.carry(pipe, 0, () => pipe.other.reset())
  }

  #way(from: string, to: string): Way {
    const name = `${from}>${to}`
    let way = this.#ways.get(name)
    if (!way) this.#ways.set(name, (way = newWay(this.#usual)))
    return way
  }

  async #dial(host: Host, address: string, signal?: AbortSignal): Promise<Connection> {
    const name = /^sim:\/\/([\w.-]+)$/.exec(address)?.[1]
    if (name === undefined) throw new CosmicError({ code: 'bad-address', field: 'address', hint: 'sim://name' })
    const { scheduler, random } = this.#parts
    this.totals.dials++
    const there = this.#way(host.name, name)
    const back = this.#way(name, host.name)
    const isOpen = () => !there.closed && !back.closed && !this.#hosts.get(name)?.asleep
    const trip = drawDelay(there.conditions, 64, random)
    const fails = random.chance(there.conditions.dialFailure)
    const waits = isOpen() && trip !== 'broken' && !fails
    await untilAborted(done => scheduler.schedule(done, waits ? 2 * trip : fails ? 50 : DIAL_MS), signal)
    const target = this.#hosts.get(name)
    if (!waits || !isOpen() || !target?.alive || !target.accept || !host.alive)
      throw new CosmicError({ code: 'unreachable', message: `nobody answers at ${address}` })
    return this.#connect(host.name, name, target.accept)
  }

  #connect(from: string, to: string, accept: (connection: Connection) => void): Connection {
    const here = new SimulatedPipe(this, from, to, true)
    const there = new SimulatedPipe(this, to, from, false)
    here.other = there
    there.other = here
    this.#pipes.add(here).add(there)
    this.totals.connections++
    for (const way of [this.#way(from, to), this.#way(to, from)]) way.traffic.connections++
    accept(there.connection)
    return here.connection
  }
}

function listen(host: Host, onConnection: (connection: Connection) => void): Listener {
  host.accept = onConnection
  const close = async () => {
    if (host.accept === onConnection) delete host.accept
  }
  return { addresses: [`sim://${host.name}`], close }
}
