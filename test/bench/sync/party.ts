// One side of a transfer in a process of its own: `party.ts CONTESTANT fill | hold | fetch | limit FOLDER RECORDS MORE`. Obeys over IPC.
import { subscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { readCarried } from './carried-file'
import { CONTESTANTS, type ContestantName } from './contestants'
import type { Contestant } from './contestant'
import { measureLimit } from './limit'

export type Order =
  | { readonly order: 'add' }
  | { readonly order: 'fetch'; readonly address: string; readonly count: number }
  | { readonly order: 'end' }

/** `value`: the holder's address, the limit's rate, or the bytes that a fetch has moved. */
export interface Answer {
  readonly value?: string | number
  readonly error?: string
  /** Of resident memory, in bytes, the most so far. */
  readonly peak: number
  /** The same without pages of mapped files, as far as the system tells them apart: seen every so often. */
  readonly own: number
}

const LOOK_MS = 50

const [name, role, folder, file, more] = process.argv.slice(2) as [ContestantName, string, string, string, string]
const sockets: Socket[] = []
subscribe('net.client.socket', message => sockets.push((message as { socket: Socket }).socket))

let own = 0

/** What is resident and no page of a file: programs and databases are mapped, and given back when others need the room. */
function look(): void {
  own = Math.max(own, anonymous() ?? process.memoryUsage.rss())
}

/** Linux tells them apart (proc(5)). */
function anonymous(): number | undefined {
  if (process.platform !== 'linux') return undefined
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) * 1024
}

setInterval(look, LOOK_MS).unref()

function answer(value?: string | number, error?: string): void {
  const peak = process.resourceUsage().maxRSS * 1024
  look()
  process.send!({
    peak,
    own,
    ...(value !== undefined && { value }),
    ...(error !== undefined && { error }),
  } satisfies Answer)
}

function onOrder(perform: (order: Order) => Promise<string | number | undefined>): void {
  process.on('message', (order: Order) => {
    perform(order).then(
      value => {
        answer(value)
        if (order.order === 'end') process.disconnect()
      },
      (error: Error) => answer(undefined, error.stack),
    )
  })
}

async function fill({ fill }: Contestant): Promise<void> {
  await fill?.(folder, readCarried(file))
  onOrder(async () => undefined)
  answer()
}

async function hold(contestant: Contestant): Promise<void> {
  const holder = await contestant.hold(folder, contestant.fill ? [] : readCarried(file))
  onOrder(async ({ order }) => void (await (order === 'add' ? holder.add(readCarried(more)) : holder.close())))
  answer(holder.address)
}

async function fetch(contestant: Contestant): Promise<void> {
  const fetcher = await contestant.start(folder)
  const moved = () => sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0)
  onOrder(async order => {
    if (order.order !== 'fetch') return void (await fetcher.close())
    const before = fetcher.bytes?.() ?? moved()
    await fetcher.fetch(order.address, order.count)
    return (fetcher.bytes?.() ?? moved()) - before
  })
  answer()
}

if (role === 'limit') {
  const rate = await measureLimit(folder, readCarried(file))
  onOrder(async () => undefined)
  answer(rate)
} else {
  const contestant = CONTESTANTS[name]()
  if (!contestant) answer(undefined, 'missing')
  else await { fill, hold, fetch }[role as 'fill' | 'hold' | 'fetch'](contestant)
}
