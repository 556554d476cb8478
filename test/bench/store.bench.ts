import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openBlockStore, type BlockStore, type VerifiedBlock } from 'cosmic-embeddings'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { loadSqlite, type Sqlite } from './native-peers'
import { bytesOf, makeTagged, openTagged, timeOf, topicOf } from './tagged-blocks'

const COUNT = 100_000
const BATCH = 256
const PAGE = 100

const about = `${COUNT.toLocaleString('en-US')} blocks (384 dimensions f32, a sentence, two tags of 1,000 and 50, 16 authors, three models) in LMDB, and the same bytes
in better-sqlite3 with the same indexes (time, author, model, kind, tag with time), a synced write a batch on both sides. A
page is the newest ${PAGE} with a tag before an instant, as ids, or as blocks with the store's cache of decoded blocks switched off:
ours checks each record's sum and decodes it to a block; SQLite hands out its bytes as they are. "opened" is the time from
closed files to the first page of ids.`

async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  try {
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<BenchResult[]> {
  const blocks = await makeTagged(COUNT)
  const [lmdb, sqlite] = [path.join(folder, 'lmdb'), path.join(folder, 'blocks.sqlite')]
  const ours = await fillOurs(lmdb, blocks)
  const theirs = fillSqlite(sqlite, blocks)
  const bytes = bytesOf(blocks)
  const space = (file: string) => sizeOf(file) / bytes
  const results: BenchResult[] = [
    {
      case: 'stored',
      value: Math.round(ours.rate),
      unit: 'blocks/s',
      ratios: against(theirs && ours.rate / theirs.rate),
    },
    {
      case: 'space on disk, times the blocks’ bytes',
      value: round(space(lmdb)),
      unit: '×',
      ratios: against(theirs && space(sqlite) / space(lmdb)),
    },
  ]
  await ours.store.close()
  const started = performance.now()
  const store = await openOurs(lmdb)
  await store.pageIds(asked(0))
  const opened = performance.now() - started
  results.push({ case: 'opened', value: round(opened), unit: 'ms', ratios: {} })
  results.push(...(await comparePages(store, theirs?.db)))
  await store.close()
  theirs?.db.close()
  return results
}

const openOurs = async (folder: string) => openBlockStore(await lmdbStorage(folder), { cacheBytes: 0 })

async function fillOurs(folder: string, blocks: readonly VerifiedBlock[]) {
  const store = await openOurs(folder)
  const start = performance.now()
  for (let i = 0; i < COUNT; i += BATCH) {
    await store.put(blocks.slice(i, i + BATCH).map(block => ({ block, admitted: true })))
  }
  return { store, rate: (COUNT * 1_000) / (performance.now() - start) }
}

function fillSqlite(file: string, blocks: readonly VerifiedBlock[]) {
  const Database = loadSqlite()
  if (!Database) return undefined
  const { put, db } = openTagged(new Database(file))
  const start = performance.now()
  for (let i = 0; i < COUNT; i += BATCH) put(blocks.slice(i, i + BATCH))
  const rate = (COUNT * 1_000) / (performance.now() - start)
  db.pragma('wal_checkpoint(TRUNCATE)')
  return { db, rate }
}

const asked = (turn: number) => ({
  tags: [turn % 2 ? `area-${turn % 50}` : topicOf(turn * 7)],
  until: timeOf(COUNT - ((turn * 31) % (COUNT / 4))),
  reverse: true,
  limit: PAGE,
})

async function comparePages(store: BlockStore, db: Sqlite | undefined): Promise<BenchResult[]> {
  const ids = db?.prepare('select id from tags where tag = ? and time < ? order by time desc, id desc limit ?')
  const whole = db?.prepare(
    'select b.bytes from tags t join blocks b on b.seq = t.seq where t.tag = ? and t.time < ? order by t.time desc, t.id desc limit ?',
  )
  const peer = (statement: typeof ids): Record<string, (turn: number) => unknown> =>
    statement ? { 'better-sqlite3': turn => statement.all(asked(turn).tags[0], asked(turn).until, PAGE) } : {}
  return [
    await compare({ case: 'page by tag and time, ids', ours: turn => store.pageIds(asked(turn)), peers: peer(ids) }),
    await compare({ case: 'page by tag and time, blocks', ours: turn => store.page(asked(turn)), peers: peer(whole) }),
  ]
}

function sizeOf(file: string): number {
  if (!statSync(file).isDirectory()) return statSync(file).size
  return readdirSync(file).reduce((sum, name) => sum + statSync(path.join(file, name)).size, 0)
}

const round = (value: number) => Number(value.toPrecision(3))
const against = (ratio: number | undefined): Record<string, number> =>
  ratio === undefined ? {} : { 'better-sqlite3': round(ratio) }

const benchmark: Benchmark = { about, run }
export default benchmark
