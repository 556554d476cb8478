import { hasSettled } from './ask-check'
import { checkAdapter, checkRunningAdapter } from './oracles/adapters'
import { checkHostiles, checkSignatures, checkTraffic } from './oracles/budgets'
import { checkRest, findDifference, reportDifference } from './oracles/convergence'
import { checkErased, checkExpired, checkRetention, checkTidied } from './oracles/erasure'
import { checkIdentities } from './oracles/identities'
import { checkInterests } from './oracles/interests'
import { checkDeferred, checkSets } from './oracles/machines'
import { checkReads } from './oracles/reads'
import { checkDurable, checkIndexes, checkVerified } from './oracles/stores'
import { type Surveyed, surveyInTime } from './oracles/survey'
import type { SimulatedNode } from './simulated-node'
import type { World } from './world'

/** Nodes whose indexes are built anew at the end. */
const MOST_REBUILT = 6

/** What is special about what is judged. */
export interface Judgement {
  /** Asked when all has come to rest. */
  readonly check?: () => Promise<void>
  /** Nodes publish and fetch, and nothing else: so many signatures explain themselves. */
  readonly isPlanned: boolean
}

/** The rounds of audits until all sets were equal; `undefined` for never, which is a violation. */
export async function converge(world: World, rounds: number): Promise<number | undefined> {
  for (let round = 0; ; round++) {
    const difference = await findDifference(world)
    if (!difference) return round
    if (round === rounds) {
      reportDifference(world, difference, rounds)
      return undefined
    }
    await world.run(world.timing.audit)
  }
}

/** Asks the oracles of the end, of what runs and of what is left on the disks, and closes the world in between. */
export async function judge(world: World, { check, isPlanned }: Judgement): Promise<void> {
  const converged = world.violations.length === 0
  for (const hostile of world.hostilePeers) hostile.stop()
  await world.run(world.timing.audit / 4)
  if (converged) await checkRest(world)
  if (world.violations.length === 0) {
    world.checkIdle()
    await readable(world, undefined, () => checkSets(world))
  }
  if (isPlanned) checkSignatures(world)
  checkTraffic(world)
  checkHostiles(world)
  // A search checks signatures, which the node is not charged with.
  if (world.violations.length === 0) await checkReads(world)
  checkTidied(world)
  await checkIdentities(world)
  await check?.()
  for (const node of world.nodes.values()) await readable(world, node, () => checkRunningAdapter(world, node))
  const running = new Set([...world.nodes.values()].filter(({ life }) => life))
  await world.close()
  await judgeDisks(world, running)
}

async function judgeDisks(world: World, running: ReadonlySet<SimulatedNode>): Promise<void> {
  const surveyed: Surveyed[] = []
  for (const node of world.nodes.values()) surveyed.push(await surveyInTime(node))
  await checkVerified(world, surveyed)
  for (const each of surveyed) {
    const { node } = each
    checkDurable(world, each)
    await readable(world, node, () => checkErased(world, each))
    checkRetention(world, each)
    if (running.has(node)) checkExpired(world, each)
    checkInterests(world, each)
    checkDeferred(world, each, running.has(node))
    await readable(world, node, () => checkAdapter(world, node))
  }
  for (const each of world.random.fork('indexes').shuffle(surveyed).slice(0, MOST_REBUILT))
    await readable(world, each.node, () => checkIndexes(world, each))
}

/** A store that cannot be read is a violation, and no end of the run. */
async function readable(world: World, node: SimulatedNode | undefined, look: () => Promise<void>): Promise<void> {
  const refuse = (why: string) => world.violate('readable', `a store cannot be read: ${why}`, node)
  const looking = look().catch((error: unknown) => refuse(String(error)))
  const readers = node ? [node] : [...world.nodes.values()]
  if (!readers.some(({ options }) => options.client)) return looking
  if (!(await hasSettled(looking, world.scheduler))) refuse('it has no answer')
}
