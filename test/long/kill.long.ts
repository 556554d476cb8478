import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { killWriters } from '../tools/kill-writers'
import { bundlePrograms } from '../unit/store/programs'
import type { LongRun } from './long-run'

const KILLS = 200

const about = `A process puts, judges, erases and retracts blocks in a store on LMDB, compacting it now and then, and is killed with
SIGKILL ${KILLS} times at instants that the seed chooses. After each kill the store must hold every acknowledged deed, the one under
way wholly or not at all, and indexes, counts and log that say what its records say.`

async function run(seed: number, say: (line: string) => void) {
  const root = await mkdtemp(path.join(tmpdir(), 'cosmic-kill.'))
  try {
    const programs = await bundlePrograms(root, { 'store-writer': 'store-writer.ts' })
    const { kills, deeds, blocks, stored } = await killWriters(programs, path.join(root, 'store'), {
      kills: KILLS,
      seed,
      say,
    })
    return {
      kills: kills,
      'deeds acknowledged': deeds,
      'blocks put': blocks,
      'deeds under way that had been stored': stored,
      'deeds lost, stored by half, or contradicted by an index': 0,
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

export default { about, run } satisfies LongRun
