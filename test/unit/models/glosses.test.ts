import { expect, test } from 'vitest'
import { glosses, sharedGlosses } from '../../../examples/demo/glosses'

test('halves and anchors are real texts, the same every time, and share none', () => {
  const all = [...glosses({ part: 0, count: 300 }), ...glosses({ part: 1, count: 300 }), ...sharedGlosses(400)]
  expect(new Set(all).size).toBe(1000)
  expect(glosses({ part: 0, count: 300 })).toEqual(all.slice(0, 300))
  expect(all.every(text => /^[\w'.-]+( [\w'.-]+)*: .{10,}$/.test(text))).toBe(true)
  expect(all.filter(text => text.includes('water')).length).toBeGreaterThan(10)
})

test('says when there are not as many', () => {
  expect(() => glosses({ part: 1, count: 100_000 })).toThrow(/only \d+ glosses/)
})
