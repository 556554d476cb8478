import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { killWriters } from '../../tools/kill-writers'
import { bundlePrograms } from './programs'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-kill.'))
afterAll(() => rm(root, { recursive: true, force: true }))

test('after each of 20 SIGKILLs the store holds what was acknowledged, nothing by half, and indexes equal to a rebuild', async () => {
  const programs = await bundlePrograms(root, { 'store-writer': 'store-writer.ts' })
  const { kills, deeds, blocks } = await killWriters(programs, join(root, 'store'), { kills: 20, seed: 1 })
  expect([kills, deeds > 50, blocks > 100]).toEqual([20, true, true])
}, 180_000)
