import { createBlock, Signer, SyncClient } from '../../src/index'
import { httpTransport } from '../../src/adapters/transport/http'
import { webRtcTransport } from '../../src/adapters/transport/webrtc'
import { webSocketTransport } from '../../src/adapters/transport/websocket'

/** What an agent in any runtime is started with; it has to travel as JSON. */
export interface AgentTerms {
  /** Blocks that it publishes before it meets anyone. */
  readonly blocks: number
  readonly dial?: string
  readonly signaling?: string
  readonly room?: string
  readonly iceServers?: readonly unknown[]
  /** This machine's addresses: no other is used, so that no packet leaves it. */
  readonly addresses?: readonly string[]
  /** No address of its own is used at all. */
  readonly relay?: boolean
}

/** One agent, whose answers can travel as JSON too. */
export class Agent {
  /** Why each session ended, in order: `undefined` as `bye`. */
  readonly endings: string[] = []
  readonly #client: SyncClient

  private constructor(client: SyncClient) {
    this.#client = client
    client.on('disconnected', ({ failure }) => this.endings.push(failure ? failure.code : 'bye'))
  }

  static async start({ blocks, dial, signaling, ...terms }: AgentTerms): Promise<Agent> {
    const { room = 'pairs', iceServers = [], relay = false, addresses = [] } = terms
    const signer = await Signer.generate()
    const meeting = signaling !== undefined && {
      ...{ signaling, room, iceServers },
      ...(relay
        ? { iceTransportPolicy: 'relay' as const }
        : { candidateFilter: (candidate: string) => addresses.some(address => candidate.includes(` ${address} `)) }),
    }
    const transports = [webSocketTransport(), httpTransport(), ...(meeting ? [webRtcTransport(meeting)] : [])]
    const client = new SyncClient({ signer, transports })
    const agent = new Agent(client)
    await client.start()
    for (let i = 0; i < blocks; i++) {
      await client.publish(await createBlock({ embedding: [1, i + 1], model: 'acme:pairs', sky: false }, signer))
    }
    if (dial !== undefined) await client.connect(dial)
    return agent
  }

  /** Waits until so many blocks are here and a peer has been reconciled. */
  async holds(count: number): Promise<number> {
    const end = Date.now() + 25_000
    for (; ; await new Promise(resolve => setTimeout(resolve, 20))) {
      const { store, peers } = await this.#client.status()
      if (store.blocks >= count && peers.length > 0) return store.blocks
      if (Date.now() > end) throw new Error(`${store.blocks} of ${count} blocks, ${peers.length} peers`)
    }
  }

  /** Waits until the session has ended, and says how. */
  async ended(): Promise<string> {
    while (this.endings.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    return this.endings[0]!
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
