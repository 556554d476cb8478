import { CosmicError, func, record } from '../base/index'
import { Backups } from './backups'
import { askCheck } from './ask-check'
import { ANSWER_MS } from './calls'
import { checkPlan } from './check-plan'
import { HostilePeer } from './hostile/hostile-peer'
import { converge, judge } from './judge'
import { CONDITIONS } from './link-conditions'
import { performAction, type Stage } from './perform-action'
import type { Interest } from '../sync/index'
import { named } from './named'
import { MENDING_MS, type Plan } from './plan'
import type { RecordedEvent } from './recorder'
import { readNodeOptions } from './node-options'
import type { NodeOptions, SimulatedNode } from './simulated-node'
import type { Violation } from './violations'
import { World } from './world'

/** What a run may be given beside its plan. */
export interface RunOptions {
  /** Told of everything that happens. */
  readonly onEvent?: (event: RecordedEvent) => void
  /** What is special about the honest nodes: one's own policies, agents, adapters. */
  readonly node?: (name: string) => NodeOptions
  /** Oracles of one's own, asked when all has come to rest; what they say with `world.violate` fails the run. */
  readonly check?: (world: World) => Promise<void> | void
}

export const RUN_OPTIONS = { onEvent: func, node: func, check: func }
const readOptions = record<RunOptions>(RUN_OPTIONS)

/** How a run ended. */
export interface RunReport {
  readonly plan: Plan
  /** None: everything held. */
  readonly violations: readonly Violation[]
  /** Rounds after the last fault until all sets were equal; `undefined` when they never were. */
  readonly rounds: number | undefined
  /** Tells runs apart: the same plan has the same digest, on every runtime. */
  readonly digest: string
  readonly totals: RunTotals
}

export interface RunTotals {
  /** Virtual milliseconds, events of the world, lines of the recording. */
  readonly time: number
  readonly events: number
  readonly recorded: number
  readonly messages: number
  readonly bytes: number
  readonly connections: number
  /** Blocks handed to the ingest by sessions, and signatures checked. */
  readonly exchanged: number
  readonly verified: number
  readonly published: number
}

/**
 * Carries out a plan and asks the oracles. Rejects for a plan that cannot be, with the field (`version`, `bad-value`,
 * `out-of-range`, …), for a `node` that makes what is no options, validator or client (`bad-type`), and when `onEvent` throws
 * (`aborted`). A `check` that throws, or does not answer, is a violation `check`.
 */
export async function runPlan(plan: Plan, given: RunOptions = {}): Promise<RunReport> {
  const options = readOptions(given, '')
  checkPlan(plan)
  const world = await World.create({
    seed: `${plan.scenario}/${plan.seed}`,
    ...(plan.signatures && { signatures: plan.signatures }),
    ...(plan.timing && { timing: plan.timing }),
    ...(options.onEvent && { onEvent: options.onEvent }),
  })
  world.scheduler.onError = error => world.violate('no-crash', `an event threw ${String(error)}`)
  const stage = await setUp(world, plan, options)
  await act(stage, plan)
  await mend(stage)
  const { check } = options
  const rounds = await converge(world, plan.rounds)
  await judge(world, { isPlanned: true, ...(check && { check: () => askCheck(world, check) }) })
  world.scheduler.throwIfBroken()
  return { plan, violations: [...world.violations], rounds, digest: world.recorder.digest, totals: totalsOf(world) }
}

async function setUp(world: World, plan: Plan, { node: optionsOf }: RunOptions): Promise<Stage> {
  const { conditions = 'lan', disk = {} } = plan
  world.network.setConditions(typeof conditions === 'string' ? CONDITIONS[conditions] : conditions)
  const starting: SimulatedNode[] = []
  const wishes: { node: SimulatedNode; interests: readonly Interest[] }[] = []
  for (const {
    name,
    skew = 0,
    drift = 0,
    identity,
    later,
    plain = false,
    retention,
    waiting,
    interests,
  } of plan.nodes) {
    const signer = identity === undefined ? undefined : world.nodes.get(identity)?.signer
    const own = {
      ...(signer && { signer }),
      ...(retention && { retention }),
      ...(waiting !== undefined && { waiting }),
    }
    const node = await world.addNode(name, { ...optionsFrom(optionsOf, name), ...own }, false)
    node.plain = plain
    node.skew = skew
    node.drift = drift / 86_400_000
    node.disk.conditions = { ...node.disk.conditions, ...disk }
    if (!later) starting.push(node)
    if (interests) wishes.push({ node, interests })
  }
  for (const { node, interests } of wishes) node.wants.begin(named(world, interests))
  for (const [from, to] of plan.links) world.nodes.get(from)!.wishes.add(to)
  await world.scheduler.settles(Promise.all(starting.map(node => node.start())), ANSWER_MS + 1)
  for (const { name, attack, targets } of plan.hostiles ?? []) {
    const hostile = new HostilePeer(world, name, attack)
    world.hostilePeers.push(hostile)
    hostile.start(targets)
  }
  const node = (name: string) => {
    const found = world.nodes.get(name)
    if (found) return found
    throw new CosmicError({ code: 'bad-value', field: 'node', hint: `the plan has no ${name}` })
  }
  return { world, backups: new Backups(world), node }
}

/** Nothing special is said by saying nothing. */
function optionsFrom(optionsOf: RunOptions['node'], name: string): NodeOptions {
  return readNodeOptions(optionsOf?.(name) ?? {}, 'node')
}

async function act(stage: Stage, { actions }: Plan): Promise<void> {
  const { world } = stage
  const start = world.now
  for (const action of [...actions].sort((a, b) => a.at - b.at)) {
    await world.scheduler.runUntil(start + action.at)
    performAction(stage, action)
  }
}

/** Every fault ends: ways open, dials succeed, disks have room, machines run. Hostile peers stay. */
async function mend({ world, backups }: Stage): Promise<void> {
  await world.run(1_000)
  world.record('mend')
  world.network.heal()
  world.network.endFailures()
  for (const node of world.nodes.values()) {
    node.disk.onWrite = undefined
    node.disk.conditions = { ...node.disk.conditions, failure: 0, full: false }
    node.wake()
    backups.start(node).catch((error: unknown) => world.violate('no-crash', `start: ${String(error)}`, node))
  }
  await world.run(MENDING_MS)
  checkRunning(world)
}

/** With every fault ended, every honest node runs, and its user has all answers. */
function checkRunning(world: World): void {
  for (const node of world.nodes.values()) {
    node.calls.check()
    if (!node.life?.started) world.violate('running', 'does not run, though every fault has ended', node)
  }
}

function totalsOf(world: World): RunTotals {
  const sum = (figure: 'received' | 'verified' | 'published') =>
    [...world.nodes.values()].reduce((total, { work }) => total + work[figure], 0)
  const { messages, bytes, connections } = world.network.totals
  return {
    time: world.now,
    events: world.scheduler.count,
    recorded: world.recorder.count,
    ...{ messages, bytes, connections },
    exchanged: sum('received'),
    verified: sum('verified'),
    published: sum('published'),
  }
}
