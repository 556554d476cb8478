import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { say } from '../search/cache'
import { installed } from '../search/install-peers'

export const CONNECTIONS = 16
const ROUND_SECONDS = 2

/** What one contestant did under load. */
export interface Load {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p99: number
}

export interface Cannon {
  (
    options: object,
  ): Promise<{ requests: { average: number }; latency: { p99: number }; non2xx: number; errors: number }>
}

export type Requests = readonly object[]

/** The load generator, which is no dependency of the project. */
export function loadCannon(): Cannon {
  const cannon = installed({
    folder: 'autocannon',
    specs: ['autocannon@8'],
    load: require => require('autocannon') as Cannon,
  })
  if (!cannon) throw new Error('autocannon cannot be had')
  return cannon
}

/** Contestants in turns, so that what the machine does beside falls on all of them; the first, shorter round warms up. */
export async function inTurns<Name extends string>(
  cannon: Cannon,
  name: string,
  contestants: Readonly<Record<Name, string>>,
  requests: Requests,
  rounds = 2,
): Promise<Record<Name, Load>> {
  const names = Object.keys(contestants) as Name[]
  const loads = new Map<Name, Load[]>(names.map(each => [each, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const each of names) {
      if (round === 1) say(`${name}, ${each}`)
      const duration = round === 0 ? 1 : ROUND_SECONDS
      const told = await cannon({ url: contestants[each], requests, connections: CONNECTIONS, duration })
      if (told.non2xx + told.errors > 0) throw new Error(`${name}: ${told.non2xx} refusals, ${told.errors} errors`)
      if (round > 0) loads.get(each)!.push({ rate: told.requests.average, p99: told.latency.p99 })
    }
  }
  const mean = (all: readonly Load[], of: keyof Load) => all.reduce((sum, each) => sum + each[of], 0) / all.length
  const entries = names.map(each => {
    const all = loads.get(each)!
    return [each, { rate: mean(all, 'rate'), p99: Math.max(...all.map(({ p99 }) => p99)) }] as const
  })
  return Object.fromEntries(entries) as Record<Name, Load>
}

/** A connection of the generator. */
interface Shooter {
  setRequests(requests: Requests): void
  on(event: 'response', listener: () => void): void
}

/** Sends each request once, as many by each connection; answers how many were answered a second. */
export async function eachOnce(cannon: Cannon, url: string, requests: Requests): Promise<number> {
  const share = requests.length / CONNECTIONS
  let [started, first, last] = [0, 0, 0]
  const setupClient = (shooter: Shooter) => {
    const from = started++ * share
    first ||= performance.now()
    shooter.setRequests(requests.slice(from, from + share))
    shooter.on('response', () => (last = performance.now()))
  }
  // Without a request of its own a connection would have none until it is given some.
  const told = await cannon({
    url,
    requests: requests.slice(0, 1),
    connections: CONNECTIONS,
    amount: requests.length,
    setupClient,
  })
  if (told.non2xx + told.errors > 0) throw new Error(`${told.non2xx} refusals, ${told.errors} errors`)
  return (requests.length * 1_000) / (last - first)
}

/** Starts one of the programs of this folder; answers what it tells first. */
export async function start<T>(program: string, ...args: string[]): Promise<{ child: ChildProcess; told: T }> {
  const child = fork(fileURLToPath(new URL(`${program}.ts`, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  return { child, told: await hear<T>(child) }
}

/** What a program tells next. */
export async function hear<T>(child: ChildProcess, task?: object): Promise<T> {
  if (task) child.send(task)
  const [told] = (await once(child, 'message')) as [T]
  return told
}
