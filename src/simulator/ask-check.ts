import { ANSWER_MS } from './calls'
import { causesOf } from './causes-of'
import { type Scheduler, settleMicrotasks } from './scheduler'
import type { World } from './world'

/** The most of virtual time that a check may let go by, in milliseconds. */
const CHECK_MS = 86_400_000
/** Turns of the event loop that a check may wait for what is not of the world, after it has waited for the world. */
const TURNS = 100_000

type Check = (world: World) => Promise<void> | void

/** Asks an oracle of the user's own. That it throws, or never answers, is a violation like what it tells. */
export async function askCheck(world: World, check: Check): Promise<void> {
  const { scheduler } = world
  scheduler.until = scheduler.now + CHECK_MS
  const asked = (async () => check(world))()
  const answered = await hasSettled(asked, scheduler)
  scheduler.until = Infinity
  if (!answered) return world.violate('check', `has had no answer for ${ANSWER_MS} ms, and ${TURNS} turns more`)
  await asked.catch((error: unknown) => world.violate('check', `threw ${causesOf(error)}`))
}

/**
 * Whether work of code that is not of the world has settled in time. While it waits and lets no time go by itself, time goes by: what it
 * waits for may be an answer of the world.
 */
export async function hasSettled(work: Promise<unknown>, scheduler: Scheduler): Promise<boolean> {
  let settled = false
  const mark = () => void (settled = true)
  work.then(mark, mark)
  await settleMicrotasks()
  let waited = 0
  for (let turns = 0; !settled && turns < TURNS; turns++) {
    const since = scheduler.now
    if (scheduler.runners > 0) turns = 0
    else if (waited < ANSWER_MS) {
      await scheduler.runUntil(since + ANSWER_MS - waited, () => settled || scheduler.runners > 1)
      waited += scheduler.now - since
    }
    await settleMicrotasks()
  }
  return settled
}

/** The same of what waits for nothing in the world, while that stands still. */
export async function inTurns(work: Promise<unknown>): Promise<boolean> {
  let settled = false
  const mark = () => void (settled = true)
  work.then(mark, mark)
  for (let turns = 0; !settled && turns < TURNS; turns++) await settleMicrotasks()
  return settled
}
