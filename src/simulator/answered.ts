import { nextTurn } from '#platform'
import { ANSWER_MS } from './calls'
import type { World } from './world'

/** A long look at a store takes a turn of the event loop now and then: far more of them than any takes here. */
const MOST_TURNS = 20_000

/**
 * Whether what code of a user's own takes part in is done within the time that a call may take. Lets time go by; never called
 * by what happens in the world.
 */
export async function isAnswered({ scheduler }: World, work: Promise<unknown>): Promise<boolean> {
  if (await scheduler.settles(work, ANSWER_MS + 1)) return true
  let isDone = false
  const mark = () => void (isDone = true)
  work.then(mark, mark)
  for (let turn = 0; turn < MOST_TURNS && !isDone; turn++) await new Promise<void>(resolve => nextTurn(resolve))
  return isDone
}
