import { clock, random, timers } from '#platform'
import { Cid, having, record, text, unwrap } from '../base/index'
import { LIMITS } from '../block/index'
import { loadNetwork, type SessionHost } from '../client/index'
import type { SigningIdentity } from '../signer/index'
import { ItemTree } from '../sync/index'
import type { Transport } from '../wire/index'

/** A block as the hostile peer presents it: `bytes` need not be what `id` and `time` announce. */
export interface Offer {
  readonly id: string
  readonly time: number
  readonly bytes: Uint8Array
}

export interface HostilePeerOptions {
  readonly signer: SigningIdentity
  readonly transport: Transport
  readonly network?: string
}

/** A peer that speaks the protocol correctly and lies in what it hands over. */
export interface HostilePeer {
  /** Dials an address, where the transport meets nobody by itself. */
  connect(address: string): Promise<string>
  /** Announces a block to everyone connected; whoever asks gets `bytes` as they are. */
  offer(offer: Offer): void
  close(): Promise<void>
}

const readOptions = record<HostilePeerOptions>(
  {
    signer: having<SigningIdentity>('a Signer: await Signer.generate()', 'sign'),
    transport: having<Transport>('a Transport: memoryTransport()', 'dial'),
    network: text,
  },
  'signer',
  'transport',
)

/**
 * Starts a peer whose handshake and session are the production ones, over a store of arbitrary bytes: what a tampered
 * block, a false sky or any other lie meets on arrival can be tested against real clients.
 *
 * @example
 * ```ts
 * const mallory = await openHostilePeer({ signer, transport: memoryTransport({ name: 'mallory' }) })
 * await mallory.connect('memory://victim')
 * mallory.offer({ id: block.id, time: block.time, bytes: tampered })
 * ```
 */
export async function openHostilePeer(options: HostilePeerOptions): Promise<HostilePeer> {
  const { signer, transport, network = 'cosmic' } = readOptions(options, '')
  const { Network, sessionIdentity } = await loadNetwork()
  const offers = new Map<string, Uint8Array>()
  const set = new ItemTree()
  const host: SessionHost = {
    load: ids => Promise.resolve(ids.map(id => ({ id, ...(offers.has(id) && { bytes: offers.get(id)! }) }))),
    ingest: blocks => Promise.resolve(blocks.map(({ id }) => ({ id, status: 'refused' as const }))),
  }
  const ignore = () => {}
  const peer = new Network({
    signer,
    transports: [transport],
    network,
    set,
    bounds: () => ({ floor: 0, ceiling: LIMITS.time }),
    host,
    session: sessionIdentity,
    ports: { timers, random, clock },
    events: {
      ...{ onConnected: ignore, onDisconnected: ignore, onProgress: ignore },
      ...{ onRefused: ignore, onRetry: ignore, onChange: ignore },
    },
  })
  await peer.start(new AbortController().signal)
  return {
    connect: address => peer.connect(address),
    offer({ id, time, bytes }) {
      offers.set(id, bytes)
      set.insert({ time, id: unwrap(Cid.parse(id)).digest })
      peer.inserted([{ id, time }])
    },
    close: () => peer.close(),
  }
}
