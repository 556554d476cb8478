import type { Connection, Transport } from '../wire/index'

/** Two transports that can reach each other, made anew for each test. */
export interface TransportGround {
  /** Has `listen`. */
  readonly listening: Transport
  /** Dials the listener's first address. */
  readonly dialling: Transport
  /** Well-formed addresses where nobody answers. */
  readonly unreachable: readonly string[]
  /** Addresses that no transport of this kind can read. */
  readonly malformed: readonly string[]
  close(): Promise<void>
}

export interface TransportSubject {
  readonly name: string
  open(): Promise<TransportGround>
}

export interface Pair {
  readonly a: Connection
  readonly b: Connection
}

export interface Met extends Pair, TransportGround {
  readonly address: string
  readonly closeListener: () => Promise<void>
  /** Another pair between the same transports. */
  again(): Promise<Pair>
}

/** One check on a fresh pair. */
export type Check = (name: string, body: (met: Met) => Promise<void>) => unknown

/** Listens, dials once, runs the body, and closes everything. */
export async function meet(ground: TransportGround, body: (met: Met) => Promise<void>): Promise<void> {
  const accepted: Connection[] = []
  const waiting: ((connection: Connection) => void)[] = []
  const listener = await ground.listening.listen!(connection => {
    accepted.push(connection)
    waiting.shift()?.(connection)
  })
  const address = listener.addresses[0]!
  const dialled: Connection[] = []
  const again = async () => {
    const arrival = new Promise<Connection>(resolve => waiting.push(resolve))
    const a = await ground.dialling.dial(address)
    dialled.push(a)
    return { a, b: await arrival }
  }
  try {
    await body({ ...ground, address, again, closeListener: () => listener.close(), ...(await again()) })
  } finally {
    await Promise.all([...dialled, ...accepted].map(connection => connection.close()))
    await listener.close()
  }
}

/** A message that says which one it is, of any length from 4 bytes on. */
export function numbered(index: number, length = 4): Uint8Array {
  const message = new Uint8Array(length).fill(index)
  new DataView(message.buffer).setUint32(0, index)
  return message
}

/** The next `count` messages; sets the connection's handler. */
export function take(connection: Connection, count: number): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  return new Promise(resolve => {
    connection.onMessage(message => {
      taken.push(message)
      if (taken.length === count) resolve(taken)
    })
  })
}

/** The numbers that messages carry. */
export const counters = (arrived: readonly Uint8Array[]) =>
  arrived.map(message => new DataView(message.buffer, message.byteOffset).getUint32(0))
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

export async function sendAll(connection: Connection, all: readonly Uint8Array[]): Promise<void> {
  for (const message of all) await connection.send(message)
}

/** Time as a transport knows it: messages there and back on another connection. */
export async function roundTrips({ a, b }: Pair, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const there = take(b, 1)
    await a.send(numbered(i))
    await there
    const back = take(a, 1)
    await b.send(numbered(i))
    await back
  }
}
