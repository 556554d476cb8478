import { type BlockQuery, type BlockStore, memoryStorage, openBlockStore, type StoredBlock } from '../../store/index'
import { CosmicValidator } from '../../validate/index'
import type { World } from '../world'
import type { Surveyed } from './survey'

/** Every block on a disk is verified: judged anew by another validator, each distinct one once. */
export async function checkVerified(world: World, surveyed: readonly Surveyed[]): Promise<void> {
  const validator = new CosmicValidator({}, { verify: world.crypto.channel.verify })
  const judged = new Map<string, { readonly bytes: Uint8Array; readonly code: string | undefined }>()
  for (const { node, held } of surveyed)
    for (const [id, { block }] of held) {
      if (world.forbidden.has(id)) world.violate('hostile-borne', `${id} is stored, which no honest node may`, node)
      let known = judged.get(id)
      if (known && !sameBytes(known.bytes, block.bytes)) known = undefined
      if (!known) {
        const verdict = await validator.validate(block.bytes)
        known = { bytes: block.bytes, code: verdict.status === 'invalid' ? verdict.code : undefined }
        judged.set(id, known)
      }
      if (known.code) world.violate('verified', `${id} is stored and invalid: ${known.code}`, node)
    }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** What a node's `publish` promised is there, unless the disk was robbed of it or it has expired. */
export function checkDurable(world: World, { node, held }: Surveyed): void {
  for (const id of node.acknowledged)
    if (!held.has(id)) world.violate('durable', `${id} was acknowledged and is not on the disk`, node)
}

/** Terms whose index is compared at one node, drawn anew for each. */
const MOST_QUERIES = 12

/** The answers of a store's indexes are those of one that is built anew from its blocks. */
export async function checkIndexes(world: World, { node, store, held }: Surveyed): Promise<void> {
  const rebuilt = await openBlockStore(memoryStorage())
  await rebuilt.put([...held.values()])
  const queries = [...queriesOver(held.values())]
  const chosen = [
    ...queries.slice(0, 2),
    ...node.random.fork('indexes').shuffle(queries.slice(2)).slice(0, MOST_QUERIES),
  ]
  for (const [name, query] of chosen) {
    const [found, expected] = await Promise.all([idsOf(store, query), idsOf(rebuilt, query)])
    if (found === expected) continue
    world.violate('indexes', `the index of ${name} answers otherwise than one built anew`, node)
  }
  const logged: string[] = []
  for await (const { id } of store.log()) logged.push(id)
  const entries = new Set(logged)
  const missing = [...held.keys()].filter(id => !entries.has(id))
  if (missing.length > 0) world.violate('indexes', `${missing[0]} is held and not in the arrival log`, node)
  if (entries.size !== logged.length) world.violate('indexes', 'the arrival log names a block twice', node)
  if (node.rotten) return void (await rebuilt.close())
  const { blocks, admitted, bytes } = await store.stats()
  const counted = [held.size, count(held, s => s.admitted), sum(held)]
  if (String([blocks, admitted, bytes]) !== String(counted))
    world.violate('indexes', `the totals are ${[blocks, admitted, bytes]}, counted ${counted}`, node)
  await rebuilt.close()
}

function* queriesOver(blocks: Iterable<StoredBlock>): Generator<[name: string, query: BlockQuery]> {
  const seen = new Set<string>()
  yield ['time', { admittedOnly: false }]
  yield ['time, admitted', {}]
  for (const { block } of blocks) {
    const terms: [string, BlockQuery][] = [
      [`author ${block.author}`, { author: block.author }],
      [`kind ${block.kind}`, { kind: block.kind }],
    ]
    if (!block.opaque && 'tags' in block)
      for (const tag of block.tags ?? []) terms.push([`tag ${tag}`, { tags: [tag] }])
    if (!block.opaque && block.kind === 'embedding')
      terms.push([`model ${block.embedding.model}`, { model: block.embedding.model }])
    for (const [name, query] of terms) {
      if (seen.has(name)) continue
      seen.add(name)
      yield [name, { ...query, admittedOnly: false }]
    }
  }
}

async function idsOf(store: BlockStore, query: BlockQuery): Promise<string> {
  const ids: string[] = []
  for await (const { block } of store.query(query)) ids.push(block.id)
  return ids.join()
}

const count = (held: Surveyed['held'], passes: (stored: StoredBlock) => boolean) =>
  [...held.values()].filter(passes).length
const sum = (held: Surveyed['held']) => [...held.values()].reduce((total, { block }) => total + block.bytes.length, 0)
