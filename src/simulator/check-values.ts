import {
  amended,
  CosmicError,
  fields,
  flag,
  list,
  isObject,
  nearestName,
  type Read,
  record,
  refuse,
} from '../base/index'
import { type Interest, type SessionTiming, checkInterests } from '../sync/index'
import { checkConditions, CONDITIONS, type LinkConditions } from './link-conditions'
import type { Plan } from './plan'
import { BROKEN_PROMISES, type DiskConditions } from './simulated-disk'

const DAY = 86_400_000

/** Most of what one plan may ask for. Times are milliseconds; `clock` is how far one may get off the true time in all. */
export const PLAN_LIMITS = {
  ...{ nodes: 10_000, links: 100_000, hostiles: 1_000, actions: 100_000, rounds: 1_000 },
  ...{ count: 10_000, blockBytes: 60_000 },
  time: 10 * 365 * DAY,
  clock: 20 * 365 * DAY,
  /** What is dated later is put off by its own author. */
  ahead: DAY,
  /** Milliseconds a day. */
  drift: DAY / 2,
  /** One call of a disk. */
  disk: { read: 500, write: 3_000 },
  /** A line that no production code gives up: one way of a message, as a rule and at times; bytes a millisecond; chances. */
  line: { latency: 1_000, tail: 5_000, bandwidth: 40, loss: 0.2, dialFailure: 0.5 },
  timing: { least: 100, most: DAY },
} as const

/** A finite number between two, both included. */
export const between =
  (least: number, most: number): Read<number> =>
  (value, path) => {
    if (typeof value !== 'number') return refuse('bad-type', path, 'a number')
    if (value >= least && value <= most) return value
    throw new CosmicError({ code: 'out-of-range', field: path, limit: `${least} … ${most}` })
  }

/** A whole number between two, both included. */
export const whole = (least: number, most: number): Read<number> => {
  const read = between(least, most)
  return (value, path) => (Number.isInteger(read(value, path)) ? (value as number) : notWhole(path))
}

const notWhole = (path: string) => refuse('out-of-range', path, 'a whole number')

export const upTo = (most: number) => whole(0, most)
/** A whole number that may be negative. */
export const within = (most: number) => whole(-most, most)

/** A name as `World.addNode` takes it. */
export const nodeName: Read<string> = (value, path) => {
  if (typeof value !== 'string') return refuse('bad-type', path, 'a name')
  return NAME.test(value) ? value : refuse('bad-value', path, 'letters, digits, ".", "_" and "-", such as alice')
}

const NAME = /^[\w.-]{1,64}$/

/** One of these words; what is none is refused with the one that is most alike. */
export const nameOf =
  <T extends string>(words: readonly T[]): Read<T> =>
  (value, path) => {
    if (typeof value !== 'string') return refuse('bad-type', path, 'a name')
    return words.includes(value as T) ? (value as T) : refuse('bad-value', path, nearestName(value, words))
  }

/** Has a reader of options elsewhere read this; fields are told as they are called here. */
export function readAs<T>(read: () => T, name: string, path: string): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    throw new CosmicError(amended(error, { field: (error.field ?? name).replace(name, path) }))
  }
}

/** Interests whose authors are names of nodes: their keys are known to the world alone. */
export const readInterests: Read<readonly Interest[]> = (value, path) => {
  const given = list(fields, MANY)(value, path)
  const nameless = given.map(({ author: _, ...rest }) => rest as Interest)
  const read = readAs(() => checkInterests(nameless), 'interests', path)
  return read.map((interest, i) => {
    const { author } = given[i]!
    return author === undefined ? interest : { ...interest, author: nodeName(author, `${path}[${i}].author`) }
  })
}

const MANY = 1_000

const pair = (most: number): Read<readonly [number, number]> => {
  const read = between(0, most)
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) refuse('bad-type', path, 'two numbers')
    const [least, usual] = value.map((one, i) => read(one, `${path}[${i}]`)) as [number, number]
    return least <= usual ? [least, usual] : refuse('out-of-range', path, 'the first is not above the second')
  }
}

const period = between(PLAN_LIMITS.timing.least, PLAN_LIMITS.timing.most)

export const readTiming = record<Partial<SessionTiming>>({
  ...{ greeting: period, heartbeat: period, stall: period, audit: period },
})

const { line: LINE } = PLAN_LIMITS

const ways = record<Partial<LinkConditions>>({
  latency: pair(LINE.latency),
  tail: between(0, LINE.tail),
  // Plans are JSON, which has no infinity: no bound is said by saying none.
  bandwidth: between(LINE.bandwidth, Number.MAX_VALUE),
  loss: between(0, LINE.loss),
  dialFailure: between(0, LINE.dialFailure),
})

/** Conditions of one way. */
export const readWay: Read<Partial<LinkConditions>> = (value, path) => {
  const read = ways(value, path)
  checkConditions(read, path)
  return read
}

const known = nameOf(Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[])

/** A name, or conditions of one's own. */
export const readConditions: Read<NonNullable<Plan['conditions']>> = (value, path) =>
  isObject(value) ? readWay(value, path) : known(value, path)

export const readDisk = record<Partial<DiskConditions>>({
  read: pair(PLAN_LIMITS.disk.read),
  write: pair(PLAN_LIMITS.disk.write),
  failure: between(0, 1),
  full: flag,
  leftovers: flag,
  breaks: nameOf(BROKEN_PROMISES),
})
