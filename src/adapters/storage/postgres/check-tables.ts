import { equal, throwIfAborted } from '../../../base/index'
import { CHAIN_BYTES, nextChain, type StoreProgress, type WaitOptions } from '../../../store/index'
import { checkRows } from './check-rows'
import type { Transaction } from './database'
import { countsOf, linesOf, postingsOf, totalsOf } from './expected'
import { hasForeignVectors, spaceErrors } from './mend-vectors'
import { readHead } from './head'
import { readWithdrawals } from './mend-withdrawals'
import type { StoreParts } from './store-parts'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'

const HINT = 'repair the store'
const LINES = 1_000
const TOTALS = ['blocks', 'admitted', 'bytes', 'pruned', 'waiting'] as const

/** Compares columns, terms, postings, counts, vectors, retractions and log with what the records say, and tells each difference. */
export async function* checkTables(
  { db, tables, vectors }: Pick<StoreParts, 'db' | 'tables' | 'vectors'>,
  { signal }: WaitOptions = {},
): AsyncGenerator<StoreProgress> {
  const total = (await readHead(db, tables)).seq
  const different = new Set<string>()
  for (let done = 0; ;) {
    throwIfAborted(signal)
    // Each page of one state: what is written meanwhile is no damage.
    const { rows, isDirected } = await db.read(transaction => readPage(transaction, tables, vectors, done), { signal })
    if (!rows) break
    done = rows.at(-1)!.seq
    if (!isDirected) different.add('vectors')
    for (const { id, stored, isTrue } of rows) {
      if (!stored) yield { stage: 'records', done, total, finding: { field: `blocks.${id}`, hint: HINT } }
      else if (!isTrue) different.add('indexes')
    }
    yield { stage: 'records', done, total }
  }
  for (let after: number | undefined = 0; after !== undefined;) {
    throwIfAborted(signal)
    const place: number = after
    const read = (transaction: Transaction) => readWithdrawals(transaction, tables, place)
    const { last, withdrawn, untrue } = await db.read(read, { signal })
    for (const field of [...withdrawn.map(id => `blocks.${id}`), ...untrue.map(seq => `ids.${seq}`)])
      yield { stage: 'records', done: total, total, finding: { field, hint: HINT } }
    after = last
  }
  const fields = await db.read(transaction => differences(transaction, tables), { signal })
  for (const field of new Set([...different, ...fields])) {
    const isIndex = field === 'indexes' || field === 'vectors'
    const stage = field.startsWith('log.') ? 'log' : isIndex ? 'indexes' : 'counts'
    yield { stage, done: total, total, finding: { field, hint: HINT } }
  }
  yield { stage: 'counts', done: total, total }
}

/** Some rows, and whether their vectors are what their blocks say. */
async function readPage(transaction: Transaction, tables: Tables, vectors: VectorRows, after: number) {
  const { value: rows } = await checkRows(transaction, tables, after).next()
  const right = (rows ?? []).flatMap(({ stored, isTrue, seq }) => (stored && isTrue ? [{ ...stored, seq }] : []))
  const wrong = await vectors.differing(transaction, await readHead(transaction, tables), right)
  return { rows, isDirected: wrong.length === 0 }
}

async function differences(db: Transaction, tables: Tables): Promise<string[]> {
  const { term, posting, stub, block } = tables
  const some = async (sql: string) => (await db.query(`${sql} LIMIT 1`)).length > 0
  const fields: string[] = []
  const terms = `SELECT FROM (${countsOf(tables)}) g FULL JOIN ${term} t ON t.id = g.term
    WHERE (t.blocks, t.admitted, t.bytes) IS DISTINCT FROM (g.blocks, g.admitted, g.bytes)`
  if (await some(terms)) fields.push('terms')
  const postings = `SELECT FROM (${postingsOf(tables)}) e FULL JOIN ${posting} p
    ON p.term = e.term AND p.time = e.time AND p.digest = e.digest WHERE p.seq IS DISTINCT FROM e.seq`
  if (await some(postings)) fields.push('indexes')
  const head = await readHead(db, tables)
  if ((await spaceErrors(db, tables, head)).length > 0 || (await hasForeignVectors(db, tables, head)))
    fields.push('vectors')
  const [totals] = await db.query(totalsOf(tables))
  if (TOTALS.some(name => Number(totals![name]) !== head[name])) fields.push('totals')
  const wrong = await db.query(`SELECT seq FROM (${linesOf(tables)}) x WHERE NOT x.right ORDER BY seq LIMIT ${LINES}`)
  fields.push(...wrong.map(({ seq }) => `log.${Number(seq)}`))
  const doubled = await db.query(`SELECT s.seq FROM ${stub} s JOIN ${block} b ON b.digest = s.digest LIMIT ${LINES}`)
  fields.push(...doubled.map(({ seq }) => `ids.${Number(seq)}`))
  const end = await walkChain(db, tables, seq => void fields.push(`log.${seq}`))
  if (end.seq !== head.seq || !equal(end.chain, head.chain)) fields.push('totals')
  return fields
}

/** Follows the chain, a page at a time; `tell` is told of the first line of each page that has another one. */
async function walkChain(
  db: Pick<Transaction, 'query'>,
  { log }: Tables,
  tell: (seq: number) => void,
): Promise<{ seq: number; chain: Uint8Array }> {
  let end = { seq: 0, chain: new Uint8Array(CHAIN_BYTES) as Uint8Array }
  for (;;) {
    const rows = await db.query(`SELECT seq, digest, chain FROM ${log} WHERE seq > $1 ORDER BY seq LIMIT ${LINES}`, [
      end.seq,
    ])
    if (rows.length === 0) return end
    const wrong: number[] = []
    for (const { seq, digest, chain } of rows) {
      end = { seq: Number(seq), chain: nextChain(end.chain, digest as Uint8Array) }
      if (!equal(end.chain, chain as Uint8Array)) wrong.push(end.seq)
    }
    if (wrong[0] !== undefined) tell(wrong[0])
  }
}
