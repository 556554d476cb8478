import { expect, test } from 'vitest'
import { LocalCore } from '../../../src/search/local-core'
import { clustered } from '../../tools/vectors'

const [DIMS, COUNT, MAX] = [384, 6_000, 3_000_000]

test('many blocks that come at once fill the memory that codes leave, and no more', async () => {
  const vectors = clustered({ dims: DIMS, count: COUNT })
  const entries = vectors.map(({ unit }, i) => {
    return { id: `b${i}`, model: 'test:model', vector: unit, author: 'a', time: i, tags: [], holds: [] }
  })
  const byId = new Map(entries.map(({ id, vector }) => [id, vector]))
  const read = async (ids: readonly string[]) => ids.map(id => byId.get(id))
  const core = new LocalCore({ maxBytes: MAX, vectors: () => read })
  core.add(entries.slice(0, 1_100))
  await core.settled()
  const each = core.survey.bytes / 1_100
  expect(each).toBeLessThan(1_300)
  core.add(entries.slice(1_100, 2_600))
  expect(core.survey).toMatchObject({ omitted: 0, spaces: [{ size: 2_600 }] })
  core.add(entries.slice(2_600))
  const { bytes, omitted, spaces } = core.survey
  expect(bytes).toBeLessThan(MAX + 1_024 * each)
  expect(bytes).toBeGreaterThan(0.9 * MAX)
  expect(omitted + spaces[0]!.size).toBe(COUNT)
  core.close()
})
