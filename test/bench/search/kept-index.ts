import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, say } from './cache'
import { processorTime } from './peer'

interface Ways {
  /** Told every row that is in. */
  readonly fill: (progress: (row: number) => void) => void
  readonly save: (file: string) => void
  readonly load: (file: string) => void
}

interface Kept {
  readonly file: string
  /** Size of the file, which is about that in memory. */
  readonly bytes: number
}

/** Fills an index that takes minutes to fill, once, and loads it from the cache from then on. */
export function keptIndex(name: string, count: number, { fill, save, load }: Ways): Kept {
  const file = path.join(cacheFolder('indexes'), name)
  const notes = `${file}.json`
  if (existsSync(notes)) {
    load(file)
    return { file, ...(JSON.parse(readFileSync(notes, 'utf8')) as Omit<Kept, 'file'>) }
  }
  say(`filling ${name}, once`)
  const start = processorTime()
  fill(row => {
    if ((row + 1) % 10_000 === 0)
      say(`${name}: ${row + 1} of ${count}, ${((processorTime() - start) / 1000).toFixed(0)} s`)
  })
  save(`${file}.part`)
  renameSync(`${file}.part`, file)
  const kept = { bytes: statSync(file).size }
  writeFileSync(notes, JSON.stringify(kept))
  return { file, ...kept }
}
