import { expect, test } from 'vitest'
import { coarsePass, coversAllOf, planPasses } from '../../../src/sync/passes'
import { isOfInterest } from '../../../src/sync/session-interests'
import { createSession, type SessionState } from '../../../src/sync/session-state'

const theirs = [{ kind: 'profile' }, ...Array.from({ length: 20 }, (_, i) => ({ tags: [`t${i}`] }))]
const state: SessionState = { ...createSession(), peerInterests: theirs }
const item = { time: 5, id: 'some' }

test('of everything at once, who wants one kind, or one tag, is not told of all: blocks are looked at', () => {
  const { passes, isCoarse } = planPasses([], theirs)
  expect(isCoarse).toBe(true)
  const pass = passes.at(-1)!
  expect(pass.collection).toEqual({ of: 'everything' })
  for (const interest of theirs) expect(coversAllOf(pass, interest)).toBe(false)
  expect(isOfInterest(state, item, pass)).toBeUndefined()
})

test('who wants everything of a time is told of it without a look, and of nothing else', () => {
  const interests = [{ until: 10 }, { kind: 'profile' as const, since: 3, until: 4 }]
  const pass = coarsePass([], interests)
  const wanting: SessionState = { ...createSession(), peerInterests: interests }
  expect(isOfInterest(wanting, item, pass)).toBe(true)
  expect(isOfInterest(wanting, { ...item, time: 10 }, pass)).toBe(false)
})
