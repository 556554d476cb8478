import { onTestFinished } from 'vitest'
import { memoryTransport, memoryNetwork } from '../../../src/adapters/transport/memory'
import { createBlock, type Block, type VectorFields } from '../../../src/block/index'
import { SyncClient, type SyncClientOptions } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'

export interface Agent {
  readonly client: SyncClient
  readonly signer: Signer
  /** Signs and publishes one block. */
  publish(fields?: Partial<VectorFields>): Promise<Block>
}

/** A started client with an identity of its own, closed at the end of the test. */
export async function startAgent(options: Omit<SyncClientOptions, 'signer'> = {}): Promise<Agent> {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, ...options })
  await client.start()
  onTestFinished(() => client.close())
  const publish = async (fields: Partial<VectorFields> = {}) => {
    const block = await createBlock({ embedding: [0.6, 0.8], model: 'test:two', ...fields }, signer)
    await client.publish(block)
    return block
  }
  return { client, signer, publish }
}

/** Agents `a`, `b`, … on one memory network. */
export async function startAgents(
  count: 1 | 2 | 3,
  options: Omit<SyncClientOptions, 'signer'> = {},
): Promise<[a: Agent, b: Agent, c: Agent]> {
  const network = memoryNetwork()
  const names = Array.from({ length: count }, (_, i) => String.fromCharCode(97 + i))
  const agents = names.map(name => startAgent({ transports: [memoryTransport({ network, name })], ...options }))
  return (await Promise.all(agents)) as [Agent, Agent, Agent]
}
