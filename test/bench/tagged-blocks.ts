import { createBlock, Signer, type VerifiedBlock } from 'cosmic-embeddings'
import type { Sqlite } from './native-peers'

const AUTHORS = 16
const DIMENSIONS = 384
const START = 1_700_000_000_000

export const topicOf = (turn: number) => `topic-${turn % 1_000}`
export const timeOf = (turn: number) => START + turn * 1_000

/** Blocks with a 384-dimensional f32 vector, a sentence and two tags, by 16 authors and three models, in order of time; `from`: the first turn. */
export async function makeTagged(count: number, from = 0): Promise<VerifiedBlock[]> {
  const signers = await Promise.all(
    Array.from({ length: AUTHORS }, (_, i) => Signer.fromSeed(new Uint8Array(32).fill(i + 1))),
  )
  const blocks: VerifiedBlock[] = []
  for (let turn = from; turn < from + count; turn++) {
    if ((turn - from) % 20_000 === 0) process.stderr.write(`» ${turn - from} of ${count} blocks made\n`)
    const embedding = Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(turn * 7_919 + i))
    const input = {
      type: 'text',
      content: `Note ${turn}: a sentence of the usual length, of eighty characters or so.`,
    } as const
    const fields = { embedding, model: `acme:model-${turn % 3}`, input, tags: [topicOf(turn), `area-${turn % 50}`] }
    const block = await createBlock({ ...fields, time: timeOf(turn), sky: false }, signers[turn % AUTHORS]!)
    // Our own, and just signed: these measurements verify nothing, or all of it anew.
    blocks.push(block as unknown as VerifiedBlock)
  }
  return blocks
}

export const bytesOf = (blocks: readonly VerifiedBlock[]) => blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)

/** The same blocks under the same indexes in SQLite: by time, author, model, kind and tag with time, a synced write a batch. */
export function openTagged(db: Sqlite): { put: (blocks: readonly VerifiedBlock[]) => void; db: Sqlite } {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`create table blocks (seq integer primary key, id text unique, time integer, author text, model text, kind text, bytes blob);
    create index by_time on blocks (time, id); create index by_author on blocks (author, time, id);
    create index by_model on blocks (model, time, id); create index by_kind on blocks (kind, time, id);
    create table tags (tag text, time integer, id text, seq integer, primary key (tag, time, id)) without rowid;`)
  const insert = db.prepare(
    'insert or ignore into blocks (seq, id, time, author, model, kind, bytes) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const tag = db.prepare('insert or ignore into tags (tag, time, id, seq) values (?, ?, ?, ?)')
  let seq = 0
  const put = db.transaction((blocks: readonly VerifiedBlock[]) => {
    for (const block of blocks) {
      if (block.opaque || block.kind !== 'embedding') continue
      insert.run(++seq, block.id, block.time, block.author, block.embedding.model, block.kind, block.bytes)
      for (const name of block.tags ?? []) tag.run(name, block.time, block.id, seq)
    }
  })
  return { put, db }
}
