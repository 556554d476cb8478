import { type SignatureMode, type SimulatedNode, World } from 'cosmic-embeddings/simulator'

/** What an exchange of many blocks in a simulated network took. */
export interface ExchangeResult {
  readonly exchanged: number
  readonly verified: number
  /** Real time from the first connection to the last block, in milliseconds. */
  readonly ms: number
  /** Resident memory at the end, in bytes. */
  readonly memory: number
}

/**
 * Nodes in a tree, each with three below it; `blocks` are published at the root before anyone is connected. Runs until all
 * nodes hold all of them; every node checks every signature for itself.
 */
export async function exchange(nodes: number, blocks: number, signatures: SignatureMode): Promise<ExchangeResult> {
  const world = await World.create({ seed: 1, signatures, timing: { audit: 600_000, heartbeat: 60_000 } })
  const all: SimulatedNode[] = []
  for (let i = 0; i < nodes; i++) all.push(await world.addNode(`n${i}`))
  await world.complete(Promise.all(Array.from({ length: blocks }, () => all[0]!.publish())))
  const before = all.reduce((sum, { work }) => sum + work.verified, 0)
  const start = performance.now()
  for (let i = 1; i < nodes; i++) all[i]!.connect(`n${Math.floor((i - 1) / 3)}`)
  const received = () => all.reduce((sum, { work }) => sum + work.received, 0)
  const wanted = (nodes - 1) * blocks
  for (let minute = 0; received() < wanted && minute < 30; minute++) await world.run(2_000)
  await world.run(1_000)
  const ms = performance.now() - start
  if (received() < wanted) throw new Error(`only ${received()} of ${wanted} blocks arrived`)
  if (world.violations.length > 0) throw new Error(world.violations[0]!.message)
  const verified = all.reduce((sum, { work }) => sum + work.verified, 0) - before
  return { exchanged: wanted, verified, ms, memory: process.memoryUsage().rss }
}
