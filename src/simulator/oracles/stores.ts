import { compare } from '../../base/index'
import type { BlockQuery, BlockStore, StoredBlock } from '../../store/index'
import { type Block, openEnvelope } from '../../block/index'
import type { RetentionPolicy } from '../../ingest/index'
import { parseDidKey } from '../../signer/index'
import { CosmicValidator } from '../../validate/index'
import { digestOfId } from '../held-set'
import type { World } from '../world'
import { retractionsIn } from './erasure'
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
        known = { bytes: block.bytes, code: await objection(world, validator, block) }
        judged.set(id, known)
      }
      if (known.code) world.violate('verified', `${id} is stored and invalid: ${known.code}`, node)
    }
}

/** The signature is checked apart, so that a validator which forgets to is found out. */
async function objection(
  world: World,
  validator: CosmicValidator,
  { bytes, author }: Block,
): Promise<string | undefined> {
  const envelope = openEnvelope(bytes)
  const key = parseDidKey(author)
  if (!envelope.ok || !key.ok) return 'bad-envelope'
  const { toBeSigned, signature } = envelope.value
  if (!(await world.crypto.channel.verify(key.value, toBeSigned, signature))) return 'bad-signature'
  const verdict = await validator.validate(bytes)
  return verdict.status === 'invalid' ? verdict.code : undefined
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/**
 * What a node's `publish` promised is there, or waits there for its time, unless the disk was robbed of it, it has expired, its author withdrew it, or the
 * node is told not to pin what it publishes.
 */
export function checkDurable(world: World, surveyed: Surveyed): void {
  const { node, held, waiting } = surveyed
  checkStored(world, surveyed)
  if (node.retention?.pins?.own === false) return
  const withdrawn = new Set<string>()
  for (const { target, author } of retractionsIn(held)) if (author === node.did) withdrawn.add(target)
  const due = new Set(waiting.map(({ id }) => id))
  const now = node.clock.now()
  for (const id of node.acknowledged) {
    const isOver = (node.expiries.get(id) ?? Infinity) <= now
    if (!held.has(id) && !due.has(id) && !withdrawn.has(id) && !isOver)
      world.violate('durable', `${id} was acknowledged and is not on the disk`, node)
  }
}

/** What an ingest said to be stored is there, unless it was erased for a reason; nodes that keep a part only are left out. */
function checkStored(world: World, { node, held, stubs }: Surveyed): void {
  if (keepsPart(node.retention) || node.stored.size === 0) return
  const withdrawn = new Set<string>()
  for (const { target } of retractionsIn(held)) withdrawn.add(target)
  const expires = (id: string) => [...world.nodes.values()].some(({ expiries }) => expiries.has(id))
  for (const id of node.stored) {
    if (held.has(id) || stubs.has(id) || withdrawn.has(id) || node.erased.has(id)) continue
    // Of blocks that strangers wrote nobody here knows when they end.
    if (world.marks.has(id) && !expires(id))
      world.violate('durable', `${id} was said to be stored and is not on the disk`, node)
  }
}

/** Whether a policy bounds what is kept: the time within which erased bytes leave the files does not. */
function keepsPart({ compactWithin: _, ...bounds }: RetentionPolicy = {}): boolean {
  return Object.keys(bounds).length > 0
}

/** Terms whose index is compared at one node, drawn anew for each. */
const MOST_QUERIES = 12

/** Each index answers what a look at every block gives; log and totals agree with the blocks. */
export async function checkIndexes(world: World, surveyed: Surveyed): Promise<void> {
  const { node, store, held } = surveyed
  const blocks = [...held.values()].sort(inOrder)
  const terms = node.random.fork('indexes').shuffle(termsOver(blocks)).slice(0, MOST_QUERIES)
  const all: Term = { name: 'time', query: {}, has: () => true }
  for (const { name, query, has } of [all, ...terms])
    for (const admittedOnly of [true, false]) {
      const expected = blocks.filter(stored => (stored.admitted || !admittedOnly) && has(stored.block))
      if ((await idsOf(store, { ...query, admittedOnly })) === expected.map(({ block }) => block.id).join()) continue
      world.violate('indexes', `the index of ${name} answers otherwise than a look at every block`, node)
    }
  const logged: string[] = []
  for await (const { id, state } of store.log()) {
    // What was erased may have come again.
    if (state !== 'erased') logged.push(id)
    if (state === 'held' && !held.has(id)) world.violate('indexes', `${id} is in the log and not in the lists`, node)
  }
  const entries = new Set(logged)
  const missing = [...held.keys()].find(id => !entries.has(id))
  if (missing) world.violate('indexes', `${missing} is held and not in the arrival log`, node)
  if (entries.size !== logged.length) world.violate('indexes', 'the arrival log names a block twice', node)
  await checkTotals(world, surveyed)
  for await (const { finding } of store.check?.() ?? [])
    if (finding) world.violate('indexes', `${finding.field} is not what the records say: ${finding.hint}`, node)
}

async function checkTotals(world: World, { node, store, held, stubs }: Surveyed): Promise<void> {
  const { blocks, admitted, bytes, pruned } = await store.stats()
  const counted = [held.size, count(held, stored => stored.admitted), sum(held), stubs.size]
  if (String([blocks, admitted, bytes, pruned]) !== String(counted))
    world.violate('indexes', `the totals are ${[blocks, admitted, bytes, pruned]}, counted ${counted}`, node)
}

/** By time, then by the bytes of the digest, which are the order of the reconciled set. */
function inOrder({ block: a }: StoredBlock, { block: b }: StoredBlock): number {
  return a.time - b.time || compare(digestOfId(a.id), digestOfId(b.id))
}

interface Term {
  readonly name: string
  readonly query: BlockQuery
  readonly has: (block: Block) => boolean
}

/** Every term that these blocks have. */
function termsOver(blocks: readonly StoredBlock[]): Term[] {
  const terms = new Map<string, Term>()
  const add = (name: string, query: BlockQuery, has: Term['has']) => terms.set(name, { name, query, has })
  const tagsOf = (block: Block) => (!block.opaque && block.tags) || []
  const modelOf = (block: Block) => (!block.opaque && block.kind === 'embedding' ? block.embedding.model : undefined)
  for (const { block } of blocks) {
    const { author, kind } = block
    add(`author ${author}`, { author }, other => other.author === author)
    add(`kind ${kind}`, { kind }, other => other.kind === kind)
    for (const tag of tagsOf(block)) add(`tag ${tag}`, { tags: [tag] }, other => tagsOf(other).includes(tag))
    const model = modelOf(block)
    if (model !== undefined) add(`model ${model}`, { model }, other => modelOf(other) === model)
  }
  return [...terms.values()]
}

async function idsOf(store: BlockStore, query: BlockQuery): Promise<string> {
  const ids: string[] = []
  for await (const { block } of store.query(query)) ids.push(block.id)
  return ids.join()
}

const count = (held: Surveyed['held'], passes: (stored: StoredBlock) => boolean) =>
  [...held.values()].filter(passes).length
const sum = (held: Surveyed['held']) => [...held.values()].reduce((total, { block }) => total + block.bytes.length, 0)
