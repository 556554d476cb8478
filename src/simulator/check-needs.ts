import { CosmicError } from '../base/index'
import { MAX_PUT_BYTES } from '../store/index'
import { SESSION_LIMITS } from '../sync/index'
import { ANSWER_MS } from './calls'
import { CONDITIONS, type LinkConditions } from './link-conditions'
import { MENDING_MS, type Plan } from './plan'
import type { DiskConditions } from './simulated-disk'
import { SIMULATED_TIMING } from './simulated-timing'

/** What a plan has its nodes publish, and over how many of them it may have to go. */
interface Load {
  readonly blocks: number
  readonly bytes: number
  readonly hops: number
}

/** The slowest that any line and any disk of a plan may be at any time, in milliseconds, and bytes a millisecond. */
interface Slowest {
  readonly latency: number
  readonly tail: number
  readonly bandwidth: number
  readonly read: number
  readonly write: number
}

/** For so long a call of a user may wait for its disk; the rest is for what the node does beside. */
const MOST_WAIT_MS = 0.8 * ANSWER_MS
/** Bytes of a block beside its text, and of its id and item in messages. */
const BLOCK_BYTES = 800

/**
 * Throws `out-of-range` for a plan in which honest nodes could break an oracle that is bound to time, only because its lines
 * and disks are too slow for what it publishes, its periods or its rounds: with the field, and what it would have to be.
 *
 * Calls of a disk that one call of a user waits for grow with what is stored; what a session waits for is a trip to and fro,
 * the longest message, and what the peer has to read.
 */
export function checkNeeds(plan: Plan): void {
  const load = loadOf(plan)
  const slowest = slowestOf(plan)
  checkDisks(load, slowest)
  const waits = waitsOf(plan, load, slowest)
  for (const [name, ms] of Object.entries(periodsNeeded(waits, slowest)))
    atLeast({ ...SIMULATED_TIMING, ...plan.timing }[name as keyof typeof SIMULATED_TIMING], ms, `timing.${name}`)
  const audit = plan.timing?.audit ?? SIMULATED_TIMING.audit
  atLeast(plan.rounds, (transferOf(load, slowest) - MENDING_MS) / audit, 'rounds')
}

function atLeast(value: number, needed: number, field: string): void {
  const limit = Math.ceil(needed)
  if (value >= limit) return
  const hint = 'for what the plan publishes over its slowest line, and onto its slowest disk'
  throw new CosmicError({ code: 'out-of-range', field, limit: `${limit} or more`, hint })
}

/** Calls of a disk within one call of a user: those of a start and of a put into a store that has grown. */
function checkDisks(load: Load, slowest: Slowest): void {
  const ms = diskMs(load, slowest)
  if (ms <= MOST_WAIT_MS) return
  const name = slowest.read * readsOf(load.blocks) > ms / 2 ? 'read' : 'write'
  throw new CosmicError({
    ...{ code: 'out-of-range', field: `disk.${name}`, limit: Math.floor((slowest[name] * MOST_WAIT_MS) / ms) },
    hint: `a call of a user would wait for ${Math.round(ms)} ms, and may for ${ANSWER_MS}`,
  })
}

const readsOf = (blocks: number) => 40 + blocks ** 2 / 16_000
const diskMs = ({ blocks, bytes }: Omit<Load, 'hops'>, { read, write }: Pick<Slowest, 'read' | 'write'>) =>
  read * readsOf(blocks) + write * (6 + blocks / 500 + bytes / MAX_PUT_BYTES)

interface Waits {
  /** For the longest message, and for what a disk has to do. */
  readonly message: number
  readonly disk: number
}

function waitsOf({ hostiles = [] }: Plan, load: Load, slowest: Slowest): Waits {
  const longest = hostiles.length > 0 ? SESSION_LIMITS.message : Math.min(load.bytes, SESSION_LIMITS.message)
  return { message: longest / slowest.bandwidth, disk: diskMs(load, slowest) }
}

function periodsNeeded({ message, disk }: Waits, { latency, tail, read }: Slowest) {
  return {
    greeting: Math.max(8 * latency, 1.5 * tail) + 4 * read,
    heartbeat: Math.max(latency, tail / 5, message / 8),
    stall: Math.max(4 * latency, tail, message, disk / 3),
    audit: Math.max(20 * latency, 4 * tail, 2 * message) + 10 * read,
  }
}

/** What it takes until everything is everywhere. */
function transferOf({ blocks, bytes, hops }: Load, { latency, tail, bandwidth, read, write }: Slowest): number {
  const batches = 8 + blocks / 512
  return (2 * bytes) / bandwidth + batches * (4 * latency + 4 * read + 4 * write) + hops * 2 * latency + 4 * tail
}

function loadOf({ nodes, actions }: Plan): Load {
  let [blocks, bytes] = [0, 0]
  for (const action of actions) {
    if (action.do !== 'publish' && action.do !== 'expire') continue
    blocks += action.count
    bytes += action.count * (BLOCK_BYTES + (action.do === 'publish' ? (action.bytes ?? 0) : 0))
  }
  let retracted = 0
  for (const action of actions) if (action.do === 'retract') retracted += action.count
  retracted = Math.min(retracted, blocks)
  return { blocks: blocks + retracted, bytes: bytes + retracted * BLOCK_BYTES, hops: nodes.length - 1 }
}

function slowestOf({ conditions = 'lan', disk, actions }: Plan): Slowest {
  const lines: Partial<LinkConditions>[] = [typeof conditions === 'string' ? CONDITIONS[conditions] : conditions]
  const disks: Partial<DiskConditions>[] = disk ? [disk] : []
  for (const action of actions) {
    if (action.do === 'link') lines.push(action.conditions)
    if (action.do === 'disk') disks.push(action.conditions)
  }
  const most = (values: readonly (number | undefined)[]) => values.reduce<number>((a, b = 0) => Math.max(a, b), 0)
  return {
    latency: most(lines.map(({ latency }) => latency?.[1])),
    tail: most(lines.map(({ tail }) => tail)),
    bandwidth: lines.reduce((least, { bandwidth = Infinity }) => Math.min(least, bandwidth), Infinity),
    read: most(disks.map(({ read }) => read?.[1])),
    write: most(disks.map(({ write }) => write?.[1])),
  }
}
