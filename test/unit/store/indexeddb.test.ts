import { expect, test } from 'vitest'
import { indexedDbStorage } from '../../../src/adapters/storage/indexeddb'

test('a runtime without IndexedDB is told so', async () => {
  expect('indexedDB' in globalThis).toBe(false)
  await expect(indexedDbStorage('a')).rejects.toMatchObject({
    code: 'storage',
    field: 'name',
    hint: expect.stringContaining('not available'),
  })
})
