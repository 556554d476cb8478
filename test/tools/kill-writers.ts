import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { openBlockStore } from '../../src/store/index'
import type { Programs } from '../unit/store/programs'
import { contradictions, type StoreDeed, StoreModel, storeOutline } from './store-deeds'

export interface KillSummary {
  readonly kills: number
  readonly deeds: number
  readonly blocks: number
  /** How often the deed that was under way at the kill had been stored. */
  readonly stored: number
}

/**
 * Lets a program write to one store on LMDB and kills it with SIGKILL, `kills` times, at instants that the seed chooses; after
 * each kill the store must hold what was acknowledged, the deed under way wholly or not at all, and indexes, counts and
 * log that say what its records say. Throws at the first violation.
 */
export async function killWriters(
  programs: Programs,
  path: string,
  { kills, seed, say = () => {} }: { kills: number; seed: number; say?: (line: string) => void },
): Promise<KillSummary> {
  const model = new StoreModel()
  let [deeds, stored] = [0, 0]
  for (let round = 0; round < kills; round++) {
    const where = `seed ${seed}, round ${round}`
    const { acknowledged, pending } = await killedWriter(
      programs,
      [path, `${seed + round}`, `${seed}.${round}`],
      seed * 31 + round,
    )
    for (const deed of acknowledged) model.apply(deed)
    deeds += acknowledged.length
    const store = await openBlockStore(await lmdbStorage(path))
    const found = await storeOutline(store)
    if (pending !== undefined && difference(found, model.outline()).length > 0) {
      model.apply(pending)
      stored++
    }
    const differences = difference(found, model.outline())
    if (differences.length > 0)
      throw new Error(`${where}: stored is not what was acknowledged: ${differences.join('; ')}`)
    const wrong = await contradictions(store)
    await store.close()
    if (wrong.length > 0) throw new Error(`${where}: indexes contradict the records: ${wrong.join(', ')}`)
    if (round % 10 === 9) say(`${round + 1} of ${kills} kills, ${model.size} blocks`)
  }
  return { kills, deeds, blocks: model.size, stored }
}

/** Lines that only one side has: `+` the first, `-` the second. */
function difference(found: readonly string[], expected: readonly string[]): string[] {
  const [left, right] = [new Set(found), new Set(expected)]
  const [more, less] = [found.filter(line => !right.has(line)), expected.filter(line => !left.has(line))]
  return [...more.map(line => `+${line}`), ...less.map(line => `-${line}`)]
}

interface Killed {
  readonly acknowledged: readonly StoreDeed[]
  /** Asked for and not acknowledged. */
  readonly pending: StoreDeed | undefined
}

/** Kills it some lines after its first, and a moment that differs from time to time after a line. */
function killedWriter(programs: Programs, args: string[], seed: number): Promise<Killed> {
  const child = programs.run('store-writer', ...args)
  const lines = 1 + ((Math.imul(seed, 2_654_435_761) >>> 8) % 40)
  const pause = (Math.imul(seed, 40_503) >>> 4) % 6
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.split('\n').length > lines) setTimeout(() => child.kill('SIGKILL'), pause)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(readDeeds(output))
      else reject(new Error(`the writer ended by itself: ${args.join(' ')}`))
    })
  })
}

function readDeeds(output: string): Killed {
  const lines = output.split('\n').slice(0, -1)
  const marked = (mark: string) =>
    lines.filter(line => line[0] === mark).map(line => JSON.parse(line.slice(1)) as StoreDeed)
  const [asked, acknowledged] = [marked('?'), marked('!')]
  return { acknowledged, pending: asked[acknowledged.length] }
}
