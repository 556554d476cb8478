import { describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import type { StoreChange } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { gatedPool } from './gated-pool'
import { blocksOf, postgresGround, retraction, until } from './postgres-ground'

const ground = postgresGround('test/unit/store/postgres-sharing.test.ts')

describe.skipIf(!ground.has)('PostgreSQL shared by several processes', { timeout: 60_000 }, () => {
  test('start at once on an empty schema', async () => {
    const schema = ground.newSchema()
    const stores = await Promise.all(Array.from({ length: 6 }, () => ground.open({ schema })))
    const blocks = await blocksOf('a', 'b', 'c', 'd', 'e', 'f')
    await Promise.all(stores.map((store, i) => store.put([blocks[i]!])))
    expect((await collect(stores[0]!.log())).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    await Promise.all(stores.map(store => store.close()))
  })

  test('a reader of the log skips nothing, whichever transaction takes longer', async () => {
    const schema = ground.newSchema()
    const gated = gatedPool(ground.server.address)
    const slow = await postgresStore(gated.pool, { schema })
    const quick = await ground.open({ schema })
    const reader = await ground.open({ schema })
    const [first, second] = await blocksOf('first', 'second')
    const seqs = async () => (await collect(reader.log())).map(({ seq }) => seq)
    const gate = gated.holdCommit()
    const done: string[] = []
    // The slow writer has its place in the log and does not commit; the quick one must not come to stand after a gap.
    const slowly = slow.put([first!]).then(() => done.push('slow'))
    await gate.held
    const quickly = quick.put([second!]).then(() => done.push('quick'))
    await until(async () => (await ground.waiting('FOR UPDATE')) > 0)
    expect([await seqs(), done]).toEqual([[], []])
    gate.open()
    await Promise.all([slowly, quickly])
    expect((await collect(reader.log())).map(({ id }) => id)).toEqual([first!.block.id, second!.block.id])
    await Promise.all([slow, quick, reader].map(store => store.close()))
    await gated.end()
  })

  test('a reader that follows many writers meets every entry once and in order', async () => {
    const schema = ground.newSchema()
    const writers = await Promise.all(Array.from({ length: 4 }, () => ground.open({ schema, follow: 'none' })))
    const reader = await ground.open({ schema, follow: 'none' })
    const blocks = await blocksOf(...Array.from({ length: 200 }, (_, i) => `${i}`))
    let writing = true
    const write = async (w: number) => {
      for (let i = w; i < blocks.length; i += 4) await writers[w]!.put([blocks[i]!])
    }
    const written = Promise.all(writers.map((_, w) => write(w))).then(() => (writing = false))
    const met: number[] = []
    for (let last = false; !last;) {
      last = !writing
      for await (const { seq } of reader.log({ after: met.length })) met.push(seq)
    }
    await written
    expect(met).toEqual(blocks.map((_, i) => i + 1))
    await Promise.all([...writers, reader].map(store => store.close()))
  })

  test.each(['notify', 20] as const)('hear of what others store, judge and erase (%s)', async follow => {
    const schema = ground.newSchema()
    const [ours, theirs] = await Promise.all([ground.open({ schema, follow }), ground.open({ schema })])
    const [a, b] = await blocksOf('a', 'b')
    const changes: StoreChange[] = []
    ours.onChange(change => changes.push(change))
    const heard = async (number: number) => {
      await until(() => changes.length >= number)
      return changes[number - 1]
    }
    await theirs.put([a!, b!])
    expect(await heard(1)).toEqual({ added: [a, b], judged: [], erased: [] })
    await theirs.judge([{ id: b!.block.id, admitted: false, code: 'policy' }])
    const judged = { block: b!.block, admitted: false, code: 'policy' }
    expect(await heard(2)).toEqual({ added: [], judged: [judged], erased: [] })
    const { id, time, kind, author } = a!.block
    await theirs.erase([id], 'pruned')
    expect(await heard(3)).toEqual({ added: [], judged: [], erased: [{ id, time, kind, author, reason: 'pruned' }] })
    const withdrawal = await retraction(b!.block.id, 1)
    await theirs.put([withdrawal])
    const gone = { id: b!.block.id, time, kind, author, reason: 'retracted' }
    expect(await heard(4)).toEqual({ added: [withdrawal], judged: [], erased: [gone] })
    await Promise.all([ours.close(), theirs.close()])
    expect(changes.length).toBe(4)
  })

  test('own changes are told after those that others made before them', async () => {
    const schema = ground.newSchema()
    const [ours, theirs] = await Promise.all([
      ground.open({ schema, follow: 'none' }),
      ground.open({ schema, follow: 'none' }),
    ])
    const [a, b] = await blocksOf('a', 'b')
    const told: string[] = []
    ours.onChange(({ added, erased }) =>
      told.push(...[...added.map(({ block }) => block), ...erased].map(({ id }) => id)),
    )
    await theirs.put([a!])
    await theirs.erase([a!.block.id], 'expired')
    await theirs.put([a!])
    await ours.put([b!])
    expect(told).toEqual([a!.block.id, b!.block.id])
    await Promise.all([ours.close(), theirs.close()])
  })

  test('what could not be read of others is told later, before the own changes that came after it', async () => {
    const schema = ground.newSchema()
    const gated = gatedPool(ground.server.address)
    const damage: unknown[] = []
    const ours = await postgresStore(gated.pool, { schema, follow: 'none', onDamage: error => damage.push(error) })
    const theirs = await ground.open({ schema, follow: 'none' })
    const blocks = await blocksOf('a', 'b', 'c', 'd', 'e')
    const ids = blocks.map(({ block }) => block.id)
    const told: string[] = []
    ours.onChange(({ added }) => told.push(...added.map(({ block }) => block.id)))
    await theirs.put(blocks.slice(0, 2))
    gated.cut('READ ONLY')
    await ours.put([blocks[2]!])
    expect([told, damage.length]).toEqual([[], 1])
    gated.cut(undefined)
    await ours.put([blocks[3]!])
    expect(told).toEqual(ids.slice(0, 4))
    // Without a further write, too.
    await theirs.put([blocks[4]!])
    gated.cut('READ ONLY')
    const own = await blocksOf('f')
    await ours.put(own)
    gated.cut(undefined)
    await until(() => told.length > 5)
    expect(told).toEqual([...ids, own[0]!.block.id])
    await Promise.all([ours.close(), theirs.close()])
    await gated.end()
  })

  test('what comes while the listening connection is down is heard when it is back', async () => {
    const schema = ground.newSchema()
    const [ours, theirs] = await Promise.all([ground.open({ schema }), ground.open({ schema, follow: 'none' })])
    const [a] = await blocksOf('a')
    const told: string[] = []
    ours.onChange(({ added }) => told.push(...added.map(({ block }) => block.id)))
    await ground.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
    await theirs.put([a!])
    await until(() => told.length > 0)
    expect(told).toEqual([a!.block.id])
    await Promise.all([ours.close(), theirs.close()])
  })
})
