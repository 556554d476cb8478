import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { measureLargeStore } from '../../tools/large-store'

const root = await mkdtemp(join(tmpdir(), 'cosmic-large-test.'))
afterAll(() => rm(root, { recursive: true, force: true }))

test('a store of 5,000 blocks, opened by another process, reads the right pages and takes little space', async () => {
  const told: number[] = []
  const onProgress = (done: number) => told.push(done)
  const found = await measureLargeStore(root, { count: 5_000, seed: 1, seconds: 0.1, onProgress })
  expect([found.checked >= 40, found.ids.clock > 0, found.whole.processor > 0, told.at(-1)]).toEqual([
    true,
    true,
    true,
    5_000,
  ])
  // With more blocks it is less (docs/long-runs.md).
  expect(found.fileBytes / found.blockBytes).toBeLessThan(1.6)
}, 120_000)

test('filling it can be stopped', async () => {
  const stopping = new AbortController()
  const onProgress = () => stopping.abort(new Error('enough'))
  const options = { count: 1e6, seed: 1, seconds: 1, signal: stopping.signal, onProgress }
  await expect(measureLargeStore(join(root, 'stopped'), options)).rejects.toThrow('enough')
}, 120_000)
