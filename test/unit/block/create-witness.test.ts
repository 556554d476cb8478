import { expect, test } from 'vitest'
import { Cid, unwrap } from '../../../src/base/index'
import { createBlock, createWitness, decodeBlock, isIncluded, type WitnessBlock } from '../../../src/block/index'
import { signer, time } from './making'

const idOf = (number: number) => Cid.fromDigest(new Uint8Array(32).fill(number)).toString()
const ids = [1, 2, 3, 4, 5].map(idOf)
const leaf = (id: string) => unwrap(Cid.parse(id)).bytes

test('one id is named by the witness itself', async () => {
  const { block, inclusions } = await createWitness([ids[0]!], signer, { time })
  expect(block).toMatchObject({ kind: 'witness', author: signer.did, time, witness: { block: ids[0] } })
  expect(inclusions).toEqual([])
  expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
})

test('one signature covers many ids, to which their inclusions lead', async () => {
  const { block, inclusions } = await createWitness([...ids, ids[2]!], signer, { time, tags: ['hourly'] })
  expect(block).toMatchObject({ kind: 'witness', witness: { size: 5 }, tags: ['hourly'] })
  const { root, size } = (block as WitnessBlock & { witness: { root: Uint8Array; size: number } }).witness
  expect(inclusions.map(inclusion => inclusion.block)).toEqual(ids)
  for (const inclusion of inclusions) {
    expect(inclusion.witness).toBe(block.id)
    expect(isIncluded(leaf(inclusion.block), { ...inclusion, size }, root)).toBe(true)
    const carried = await createBlock({ inclusion }, signer)
    expect(carried.inclusion).toEqual(inclusion)
    expect(unwrap(decodeBlock(carried.bytes))).toEqual(carried)
  }
})

test('refuses no ids and what is no id', async () => {
  await expect(createWitness([], signer)).rejects.toMatchObject({ code: 'missing-field', field: 'ids' })
  await expect(createWitness(['bafy'], signer)).rejects.toMatchObject({ code: 'bad-cid', field: 'witness.block' })
  await expect(createWitness([ids[0]!, 'bafy'], signer)).rejects.toMatchObject({ code: 'bad-cid', field: 'ids' })
})
