import { createBlock } from '../block/index'
import { Signer } from '../signer/index'
import type { BlockQuery, StoredBlock } from '../store/index'
import { byTime, type Check, idsOf, sampleBlocks, stored, UNKNOWN_ID } from './sample-blocks'
import { collect, rejection, type SuiteRunner } from './suite-tools'

interface Pointing {
  readonly links: readonly { readonly relation: string; readonly id: string }[]
  readonly supersedes: readonly string[]
  readonly admitted: boolean
}

/** Blocks that point to others. */
export function links({ expect }: SuiteRunner, check: Check): void {
  check('blocks are found by what they link to, by relation, and by what they supersede', async store => {
    const blocks = await sampleBlocks()
    const [first, second] = idsOf(blocks)
    const shapes = shapesOf(first!, second!)
    const pointing = await Promise.all(shapes.map(makePointing))
    await store.put([...blocks, ...pointing])
    for (const linksTo of [undefined, first!, UNKNOWN_ID])
      for (const relation of linksTo === undefined ? [undefined] : [undefined, 'supports', 'suite/other'])
        for (const supersedes of [undefined, second!])
          for (const admittedOnly of [true, false]) {
            if (linksTo === undefined && supersedes === undefined) continue
            const asked = { linksTo, relation, supersedes }
            const found = pointing.filter(({ admitted }, i) => meets(shapes[i]!, asked) && (admitted || !admittedOnly))
            const query: BlockQuery = {
              ...(linksTo !== undefined && { linksTo }),
              ...(relation !== undefined && { relation }),
              ...(supersedes !== undefined && { supersedes }),
              admittedOnly,
            }
            const expected = idsOf(found.toSorted(byTime))
            expect(idsOf(await collect(store.query(query)))).toEqual(expected)
            expect((await store.pageIds({ ...query, reverse: true })).items).toEqual(expected.toReversed())
            expect(await store.count(query)).toBe(expected.length)
          }
    expect(await rejection(store.count({ relation: 'supports' }))).toBe('missing-field')
  })
  check('what points to a block is found before that comes, and no longer once it is erased itself', async store => {
    const [first, second] = (await sampleBlocks()) as [StoredBlock, StoredBlock]
    const shapes = shapesOf(first.block.id, second.block.id)
    const pointing = await Promise.all(shapes.map(makePointing))
    const linking = pointing.filter((_, i) => shapes[i]!.links.some(({ id }) => id === first.block.id))
    await store.put(pointing)
    const found = async () => idsOf(await collect(store.query({ linksTo: first.block.id, admittedOnly: false })))
    expect(await found()).toEqual(idsOf(linking.toSorted(byTime)))
    await store.put([first])
    await store.erase([linking[0]!.block.id], 'expired')
    await store.erase([linking[1]!.block.id], 'pruned')
    expect(await found()).toEqual(idsOf(linking.slice(2).toSorted(byTime)))
    expect(await store.count({ supersedes: second.block.id, admittedOnly: false })).toBe(1)
  })
}

function shapesOf(first: string, second: string): readonly Pointing[] {
  const [supports, other] = [
    { relation: 'supports', id: first },
    { relation: 'suite/other', id: first },
  ]
  return [
    { links: [supports], supersedes: [], admitted: true },
    { links: [supports, other], supersedes: [second], admitted: true },
    { links: [other, { relation: 'supports', id: second }], supersedes: [], admitted: true },
    { links: [], supersedes: [second, first], admitted: true },
    { links: [supports], supersedes: [], admitted: false },
  ]
}

function meets(
  { links, supersedes }: Pointing,
  asked: { [K in 'linksTo' | 'relation' | 'supersedes']: string | undefined },
) {
  const { linksTo, relation } = asked
  const linked = links.some(({ relation: name, id }) => id === linksTo && (relation === undefined || name === relation))
  return (linksTo === undefined || linked) && (asked.supersedes === undefined || supersedes.includes(asked.supersedes))
}

async function makePointing({ links, supersedes, admitted }: Pointing, index: number): Promise<StoredBlock> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1 + (index % 2)))
  const input = { type: 'text' as const, content: `pointing ${index}` }
  const fields = { embedding: [1, index], model: 'suite:short', input, time: 1_500_000 + index, supersedes }
  const made = await stored(await createBlock({ ...fields, links }, signer))
  return admitted ? made : { ...made, admitted, code: 'policy' }
}
