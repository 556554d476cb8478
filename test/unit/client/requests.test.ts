import { expect, test } from 'vitest'
import { type Asker, REQUEST_LIMITS, Requests } from '../../../src/client/requests'

const had = () => true

function scene() {
  const clock = { time: 1_000_000, now: () => clock.time }
  const [a, b]: [Asker, Asker] = [{ heard: -Infinity }, { heard: -Infinity }]
  return { clock, a, b, requests: new Requests(clock) }
}

test('what one session asked for is another’s only when its peer stays silent, or takes too long', () => {
  const { clock, a, b, requests } = scene()
  requests.asked(['1', '2'], a)
  expect([requests.isTaken('1', b), requests.isTaken('1', a), requests.isTaken('3', b)]).toEqual([true, false, false])
  clock.time += REQUEST_LIMITS.silentMs - 1
  expect(requests.isTaken('1', b)).toBe(true)
  requests.came(['2'], a)
  clock.time += 1
  expect(requests.isTaken('1', b)).toBe(true)
  clock.time += REQUEST_LIMITS.silentMs
  expect(requests.isTaken('1', b)).toBe(false)
  // From then on it is everybody's, whoever asks next.
  requests.asked(['1'], b)
  expect(requests.isTaken('1', { heard: -Infinity })).toBe(false)
  // A trickle keeps the rest for so long and no longer.
  requests.asked(['4'], a)
  for (let waited = 0; waited < REQUEST_LIMITS.waitMs; waited += 1_000) {
    expect(requests.isTaken('4', b)).toBe(true)
    clock.time += 1_000
    requests.settled(['5'], a, () => false)
  }
  expect(requests.isTaken('4', b)).toBe(false)
})

test('a block that came is nobody’s until its verdict, however long that takes and whoever brings it', () => {
  const { clock, a, b, requests } = scene()
  requests.asked(['1'], a)
  requests.came(['1'], a)
  clock.time += 3_600_000
  requests.left(a)
  expect([requests.isTaken('1', a), requests.isTaken('1', b)]).toEqual([true, true])
  requests.settled(['1'], b, had)
  expect(requests.isTaken('1', b)).toBe(true)
  requests.settled(['1'], a, had)
  expect(requests.isTaken('1', b)).toBe(false)
})

test('who has had a block for itself and did not bring it, leaves it to everybody from then on', () => {
  const { a, b, requests } = scene()
  requests.asked(['1', '2', '3'], a)
  requests.settled(['1'], a, () => false)
  requests.came(['2'], a)
  requests.settled(['2'], a, () => false)
  requests.left(a)
  requests.asked(['1', '2', '3'], b)
  const c: Asker = { heard: -Infinity }
  for (const id of ['1', '2', '3']) expect(requests.isTaken(id, c)).toBe(false)
  for (let i = 0; i < 2 * REQUEST_LIMITS.free; i++) requests.settled([`made up ${i}`], b, () => false)
  requests.asked(['1'], b)
  expect(requests.isTaken('1', c)).toBe(true)
})

test('the end of a session, and a clock that is set back, leave its requests to others', () => {
  const { clock, a, b, requests } = scene()
  requests.asked(['1'], a)
  requests.left(a)
  expect(requests.isTaken('1', b)).toBe(false)
  requests.asked(['2'], a)
  clock.time -= 1
  expect(requests.isTaken('2', b)).toBe(false)
})
