import { describe, expect, test } from 'vitest'
import type { BlockStore, StoredBlock } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { membersOf } from '../../../src/testing/store-erasing'
import { storedBlock } from '../../tools/stored-block'
import { postgresGround, retraction } from './postgres-ground'

const ground = postgresGround('repair in PostgreSQL')
const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)
const findings = async (store: BlockStore) =>
  (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

async function filled() {
  const schema = ground.newSchema()
  const store = await ground.open({ schema })
  const blocks = await Promise.all(
    Array.from({ length: 30 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all', `tag ${i}`] })),
  )
  await store.put(blocks)
  await store.erase(idsOf(blocks.slice(0, 2)), 'pruned')
  await store.erase(idsOf(blocks.slice(2, 4)), 'expired')
  await store.put([await retraction(blocks[4]!.block.id, 1), await retraction(idsOf(blocks)[9]!, 2)])
  const spoil = (sql: string) => ground.admin.query(sql.replaceAll('%', schema))
  return { store, schema, blocks, held: blocks.slice(5), spoil }
}

/** All that can be asked. */
async function answers(store: BlockStore) {
  const { epoch: _, ...position } = await store.position()
  return {
    position,
    stats: await store.stats(),
    log: await collect(store.log()),
    members: (await membersOf(store)).sort(),
    tags: await store.terms('tag'),
    authors: await store.terms('author'),
    all: idsOf(await collect(store.query({ tags: ['all'] }))),
    reverse: idsOf(await collect(store.query({ admittedOnly: false, reverse: true }))),
    counted: await store.count({ kind: 'embedding' }),
  }
}

const damages: [string, string[], string][] = [
  ['a total', ['totals'], `UPDATE %.store SET blocks = 7, admitted = 0, bytes = 1, pruned = 9, waiting = 3`],
  ['the end of the log', ['totals'], `UPDATE %.store SET seq = 9, chain = '\\x00'`],
  ['a count of a term', ['terms'], `UPDATE %.term SET blocks = blocks + 1 WHERE mod(id, 3) = 0`],
  ['a term', ['indexes', 'terms'], `DELETE FROM %.term WHERE id = (SELECT max(id) FROM %.term)`],
  ['postings', ['indexes'], `DELETE FROM %.posting WHERE mod(seq, 2) = 0`],
  ['foreign postings', ['indexes'], `INSERT INTO %.posting VALUES (1, 5, '\\x01', 3)`],
  ['columns of a block', ['indexes'], `UPDATE %.block SET time = 5, expires = 3 WHERE seq = 12`],
  ['a state in the log', ['log.8'], `UPDATE %.log SET state = 'e' WHERE seq = 8`],
  ['a chain in the log', ['log.9'], `UPDATE %.log SET chain = '\\x07' WHERE seq = 9`],
]

describe.runIf(ground.has)('PostgreSQL: check and repair', () => {
  test.each(damages)('%s is found, and made anew from the records', async (_name, fields, sql) => {
    const { store, spoil } = await filled()
    expect(await findings(store)).toEqual([])
    const [before, { epoch }] = [await answers(store), await store.position()]
    await spoil(sql)
    const found = await findings(store)
    for (const field of fields) expect(found).toContain(field)
    const progress = await collect(store.repair!())
    expect(progress.at(-1)).toMatchObject({ done: 32, total: 32 })
    expect([await findings(store), (await store.position()).epoch === epoch]).toEqual([[], false])
    expect(await answers(store)).toEqual(before)
    await store.close()
  })

  test('a damaged record is named, set aside as lost, and may come again', async () => {
    const { store, blocks, held, spoil } = await filled()
    const before = await store.stats()
    const { id, time } = held[3]!.block
    const lost: unknown[] = []
    store.onChange(change => lost.push(...(change.lost ?? [])))
    await spoil(`UPDATE %.record SET envelope = set_byte(envelope, 90, 1) WHERE seq = 9`)
    expect(await findings(store)).toEqual([`blocks.${id}`])
    expect((await collect(store.repair!())).flatMap(({ finding }) => finding?.field ?? [])).toEqual([`blocks.${id}`])
    expect([lost, await findings(store), (await store.stats()).blocks]).toEqual([[{ id, time }], [], before.blocks - 1])
    expect((await collect(store.log()))[8]).toMatchObject({ id, state: 'lost' })
    expect((await membersOf(store)).includes(id)).toBe(false)
    expect(await store.put(blocks.slice(5, 10))).toEqual(['known', 'known', 'known', 'added', 'known'])
    expect([await store.stats(), await findings(store)]).toEqual([before, []])
    await store.close()
  })

  test('vectors are found as before once columns were made anew', async () => {
    const { store, spoil, held } = await filled()
    await spoil(`UPDATE %.block SET model = NULL WHERE seq = 12`)
    await collect(store.repair!())
    expect([await findings(store), await store.count({ model: 'test:model' })]).toEqual([[], held.length])
    await store.close()
  })
})
