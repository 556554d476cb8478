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
  ['a time in the log', ['log.8'], `UPDATE %.log SET time = 7 WHERE seq = 8`],
  ['a line of the log', ['log.8'], `DELETE FROM %.log WHERE seq = 8`],
  ['the line of a stub', ['log.2'], `DELETE FROM %.log WHERE seq = 2`],
  ['what waits', ['totals', 'ids.31'], `UPDATE %.block SET waiting = true WHERE seq = 31`],
  [
    'a stub beside its block',
    ['ids.9', 'totals'],
    `INSERT INTO %.stub SELECT digest, seq, time, 'embedding', 'nobody' FROM %.block WHERE seq = 9`,
  ],
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

  test.each([
    ['a block', 'block', 12],
    ['a stub', 'stub', 1],
  ])('%s that is held although it was withdrawn is told of, and erased', async (_name, table, seq) => {
    const { store, blocks, spoil } = await filled()
    const { id } = blocks[seq - 1]!.block
    const { all } = await answers(store)
    await spoil(`CREATE TABLE %.aside AS SELECT * FROM %.${table} WHERE seq = ${seq}`)
    await spoil(`DELETE FROM %.${table} WHERE seq = ${seq}`)
    expect(await store.put([await retraction(id, 1)])).toEqual(['added'])
    await spoil(`INSERT INTO %.${table} SELECT * FROM %.aside`)
    expect(await findings(store)).toEqual(expect.arrayContaining([`blocks.${id}`, 'ids.33']))
    const erased: string[] = []
    store.onChange(change => erased.push(...change.erased.map(each => each.id)))
    await collect(store.repair!())
    expect([await findings(store), erased]).toEqual([[], [id]])
    expect(await store.put([blocks[seq - 1]!])).toEqual(['retracted'])
    expect((await answers(store)).all).toEqual(all.filter(each => each !== id))
    await store.close()
  })

  test('a block whose row was lost, and that was stored again, has one place', async () => {
    const { store, held, blocks, spoil } = await filled()
    const { all } = await answers(store)
    await spoil(`DELETE FROM %.block WHERE seq = 12`)
    expect(await store.put([blocks[11]!])).toEqual(['added'])
    await collect(store.repair!())
    expect([await findings(store), (await answers(store)).all]).toEqual([[], all])
    const log = (await collect(store.log())).filter(({ id }) => id === blocks[11]!.block.id)
    expect(log.map(({ state }) => state)).toEqual(['erased', 'held'])
    expect((await membersOf(store)).filter(id => id === blocks[11]!.block.id)).toHaveLength(1)
    expect(held.length).toBe(25)
    await store.close()
  })

  test('check of a store that others write into tells of no damage', async () => {
    const { store, schema } = await filled()
    const other = await ground.open({ schema })
    let isOver = false
    const writing = async () => {
      for (let i = 0; i < 20; i++) {
        const block = await storedBlock({ text: `more ${i}`, time: 5000 + i, tags: ['all', `new ${i}`] })
        await other.put([block])
        if (i % 2 === 0) await other.put([await retraction(block.block.id, 1)])
      }
      isOver = true
    }
    const checking = async () => {
      while (!isOver) expect(await findings(store)).toEqual([])
    }
    await Promise.all([writing(), checking()])
    await Promise.all([store.close(), other.close()])
  })

  test('others read and write while it works, and two at once harm nothing', async () => {
    const { store, schema, spoil } = await filled()
    const other = await ground.open({ schema })
    for (const [, , sql] of damages) await spoil(sql)
    const more = await Promise.all(
      Array.from({ length: 12 }, (_, i) => storedBlock({ text: `more ${i}`, time: 5000 + i, tags: ['all'] })),
    )
    const repairs = [collect(store.repair!()), collect(other.repair!())]
    for (const each of more) expect(await other.put([each])).toEqual(['added'])
    await other.erase(idsOf(more.slice(0, 3)), 'expired')
    const ends = await Promise.allSettled(repairs)
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ field: 'totals' })
    await collect(store.repair!())
    expect(await findings(store)).toEqual([])
    expect((await answers(store)).all.slice(-9)).toEqual(idsOf(more.slice(3)))
    await Promise.all([store.close(), other.close()])
  })

  test('one that is cut short anywhere leaves lists whole, and what was made good stays so', async () => {
    const { store, spoil } = await filled()
    const before = await answers(store)
    for (let cut = 1; cut < 9; cut++) {
      await spoil(`UPDATE %.log SET state = 'e' WHERE seq = 8`)
      let steps = 0
      for await (const _ of store.repair!()) if (++steps >= cut) break
      expect({ ...(await answers(store)), log: [], position: {}, members: [] }).toEqual({
        ...before,
        log: [],
        position: {},
        members: [],
      })
    }
    const stop = AbortSignal.abort()
    await expect(collect(store.repair!({ signal: stop }))).rejects.toMatchObject({ code: 'aborted' })
    await collect(store.repair!())
    expect([await findings(store), await answers(store)]).toEqual([[], before])
    const repair = collect(store.repair!())
    const told = repair.catch((error: unknown) => expect(error).toMatchObject({ code: /aborted|closed/ }))
    await store.close()
    await told
  })

  test('vectors are found as before once columns were made anew', async () => {
    const { store, spoil, held } = await filled()
    await spoil(`UPDATE %.block SET model = NULL WHERE seq = 12`)
    await collect(store.repair!())
    expect([await findings(store), await store.count({ model: 'test:model' })]).toEqual([[], held.length])
    await store.close()
  })
})
