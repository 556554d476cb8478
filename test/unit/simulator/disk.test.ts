import { describe, expect, test } from 'vitest'
import { Scheduler } from '../../../src/simulator/scheduler'
import { SeededRandom } from '../../../src/simulator/seeded-random'
import { SimulatedDisk } from '../../../src/simulator/simulated-disk'
import { keyValueStorageSuite } from '../../../src/testing/index'

const key = (n: number) => Uint8Array.of(n)
const put = (n: number, value: number) => ({ type: 'put' as const, key: key(n), value: Uint8Array.of(value) })
const diskOf = (seed = 1) => {
  const scheduler = new Scheduler()
  return { scheduler, disk: new SimulatedDisk(scheduler, new SeededRandom(seed)), user: { alive: true } }
}

let last = diskOf()
keyValueStorageSuite(
  { describe, test, expect },
  {
    name: 'simulated disk',
    snapshotRanges: true,
    open: async () => (last = diskOf()).disk.open(last.user),
    reopen: async () => last.disk.open({ alive: true }),
  },
)

/** The last disk of the suite that keeps what was deleted. */
const tidied = () => {
  last = diskOf()
  last.disk.conditions = { ...last.disk.conditions, leftovers: true }
  return last
}
keyValueStorageSuite(
  { describe, test, expect },
  {
    name: 'simulated disk with leftovers',
    snapshotRanges: true,
    open: async () => tidied().disk.open(last.user),
    reopen: async () => last.disk.open({ alive: true }),
  },
)

test('what was deleted or replaced stays in the files, across crashes, until it is cleared', async () => {
  const { disk, user } = tidied()
  const storage = disk.open(user)
  await storage.batch([put(1, 1), put(2, 2), put(3, 3)])
  await storage.batch([put(1, 4), { type: 'delete', key: key(2) }])
  user.alive = false
  disk.crash()
  expect(disk.leftovers.map(String)).toEqual(['1', '2'])
  expect(await disk.open({ alive: true }).compact!()).toBe(true)
  expect(disk.leftovers).toEqual([])
})

test('batches under way at a crash happened as wholes, the first ones first, and are not acknowledged', async () => {
  const outcomes = new Set<string>()
  for (let seed = 0; seed < 30; seed++) {
    const { scheduler, disk, user } = diskOf(seed)
    disk.conditions = { ...disk.conditions, write: [5, 5] }
    const storage = disk.open(user)
    let acknowledged = 0
    for (const n of [1, 2]) void storage.batch([put(n, n), put(10 + n, n)]).then(() => acknowledged++)
    await scheduler.runUntil(2)
    user.alive = false
    disk.crash()
    await scheduler.runUntil(100)
    const after = disk.open({ alive: true })
    const found = await after.getMany([1, 11, 2, 12].map(key))
    outcomes.add(found.map(value => (value ? 1 : 0)).join(''))
    expect(acknowledged).toBe(0)
  }
  expect([...outcomes].sort()).toEqual(['0000', '1100', '1111'])
})

test.each([
  // Of a torn batch any part is left, of what was acknowledged before all.
  ['atomicity', ['1100', '1101', '1110', '1111']],
  // Batches that were acknowledged are lost, the last ones first, each as a whole.
  ['durability', ['0000', '1100', '1111']],
] as const)('a disk that breaks its promise of %s does so at a crash', async (breaks, expected) => {
  const outcomes = new Set<string>()
  for (let seed = 0; seed < 40; seed++) {
    const { scheduler, disk, user } = diskOf(seed)
    const storage = disk.open(user)
    disk.conditions = { ...disk.conditions, breaks }
    await storage.batch([put(1, 1), put(11, 1)])
    if (breaks === 'atomicity') disk.conditions = { ...disk.conditions, write: [5, 5] }
    const second = storage.batch([put(2, 2), put(12, 2)])
    if (breaks === 'durability') await second
    else await scheduler.runUntil(2)
    user.alive = false
    disk.crash()
    const found = await disk.open({ alive: true }).getMany([1, 11, 2, 12].map(key))
    outcomes.add(found.map(value => (value ? 1 : 0)).join(''))
    disk.conditions = { ...disk.conditions, write: [0, 0] }
  }
  expect([...outcomes].sort()).toEqual(expected)
})

test('a full disk refuses what it would have to write, and a failing one fails by chance', async () => {
  const { disk, user } = diskOf()
  const storage = disk.open(user)
  await storage.batch([put(1, 1)])
  disk.conditions = { ...disk.conditions, full: true }
  await expect(storage.batch([put(2, 2)])).rejects.toMatchObject({ code: 'storage' })
  await storage.batch([{ type: 'delete', key: key(1) }])
  disk.conditions = { ...disk.conditions, full: false, failure: 1 }
  await expect(storage.get(key(1))).rejects.toMatchObject({ code: 'storage' })
})

test('one bit of a record rots, and nothing else', async () => {
  const { disk, user } = diskOf()
  const storage = disk.open(user)
  const value = new Uint8Array(200)
  await storage.batch([{ type: 'put', key: key(1), value }, put(2, 0)])
  expect(disk.rot(5, ([first]) => first === 1)).toBe(1)
  const changed = (await storage.get(key(1)))!
  expect(changed.filter(byte => byte !== 0)).toHaveLength(1)
  expect(await storage.get(key(2))).toEqual(Uint8Array.of(0))
})

test.each([0, 0.5])(
  'no write overtakes another, whatever the disk does meanwhile (chance of failure %d)',
  async failure => {
    for (let seed = 0; seed < 20; seed++) {
      const { scheduler, disk, user } = diskOf(seed)
      const storage = disk.open(user)
      const order: number[] = []
      const outcomes: Promise<unknown>[] = []
      disk.conditions = { ...disk.conditions, write: [5, 50], failure }
      for (const n of [1, 2, 3, 4, 5, 6]) {
        if (n > 3) disk.conditions = { ...disk.conditions, write: [0, 0] }
        outcomes.push(storage.batch([put(1, n)]).finally(() => order.push(n)))
      }
      const settled = Promise.allSettled(outcomes)
      await scheduler.runUntil(100)
      expect(order).toEqual([1, 2, 3, 4, 5, 6])
      const last = (await settled).findLastIndex(({ status }) => status === 'fulfilled')
      disk.conditions = { ...disk.conditions, failure: 0 }
      expect(await storage.get(key(1))).toEqual(last < 0 ? undefined : Uint8Array.of(last + 1))
    }
  },
)
