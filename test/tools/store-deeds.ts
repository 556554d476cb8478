import type { BlockStore, StoredBlock } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'

/** What a writer asked a store for. */
export type StoreDeed =
  | { readonly put: readonly string[] }
  | { readonly judge: readonly { readonly id: string; readonly admitted: boolean }[] }
  | { readonly erase: readonly string[]; readonly reason: 'pruned' | 'expired' }
  | { readonly retract: string; readonly by: string }

type Fate = 'held' | 'pruned' | 'erased'

interface Known {
  state: Fate
  admitted: boolean
}

/** What a store must hold after some deeds. */
export class StoreModel {
  readonly #blocks = new Map<string, Known>()

  get size(): number {
    return this.#blocks.size
  }

  apply(deed: StoreDeed): this {
    if ('put' in deed) for (const id of deed.put) this.#put(id)
    if ('judge' in deed)
      for (const { id, admitted } of deed.judge) this.#change(id, known => (known.admitted = admitted))
    if ('erase' in deed) for (const id of deed.erase) this.#erase(id, deed.reason)
    if ('retract' in deed) {
      const target = this.#blocks.get(deed.retract)
      if (target) target.state = 'erased'
      this.#put(deed.by)
    }
    return this
  }

  /** What has expired leaves no stub either. */
  #erase(id: string, reason: 'pruned' | 'expired'): void {
    const known = this.#blocks.get(id)
    if (known?.state === 'held') known.state = reason === 'pruned' ? 'pruned' : 'erased'
    else if (known?.state === 'pruned' && reason === 'expired') known.state = 'erased'
  }

  #put(id: string): void {
    if (!this.#blocks.has(id)) this.#blocks.set(id, { state: 'held', admitted: true })
  }

  #change(id: string, change: (known: Known) => unknown): void {
    const known = this.#blocks.get(id)
    if (known?.state === 'held') change(known)
  }

  /** The ids with their fates, as text. */
  outline(): string[] {
    const line = ([id, { state, admitted }]: [string, Known]) =>
      `${id} ${state}${state === 'held' && !admitted ? ' unadmitted' : ''}`
    return [...this.#blocks].map(line).sort()
  }
}

/** The same of a store, from its log and its records. */
export async function storeOutline(store: BlockStore): Promise<string[]> {
  const lines: string[] = []
  for await (const { id, state } of store.log()) {
    const stored = state === 'held' ? await store.get(id) : undefined
    lines.push(`${id} ${state}${stored?.admitted === false ? ' unadmitted' : ''}`)
  }
  return lines.sort()
}

/** What is wrong with a store's indexes, counts and log, by everything that its records say. */
export async function contradictions(store: BlockStore): Promise<string[]> {
  const log = await collect(store.log())
  const held = (await store.getMany(log.filter(({ state }) => state === 'held').map(({ id }) => id))) as StoredBlock[]
  const wrong: string[] = []
  const expect = (what: string, found: unknown, expected: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(what)
  }
  expect(
    'log',
    log.map(({ seq }) => seq),
    log.map((_, i) => i + 1),
  )
  expect('position', (await store.position()).seq, log.length)
  expect('records', held.filter(stored => stored === undefined).length, 0)
  const { blocks, admitted, bytes, pruned } = await store.stats()
  const sizes = held.reduce((sum, { block }) => sum + block.bytes.length, 0)
  const stubs = log.filter(({ state }) => state === 'pruned').length
  expect(
    'stats',
    [blocks, admitted, bytes, pruned],
    [held.length, held.filter(each => each.admitted).length, sizes, stubs],
  )
  const members = (await collect(store.members())).flat().map(({ id }) => id)
  expect(
    'members',
    members.toSorted(),
    log
      .filter(({ state }) => state === 'held' || state === 'pruned')
      .map(({ id }) => id)
      .sort(),
  )
  for (const [index, termsOf] of Object.entries(TERMS)) {
    const terms = new Map<string, StoredBlock[]>()
    for (const stored of held) for (const term of termsOf(stored)) terms.set(term, [...(terms.get(term) ?? []), stored])
    const counts = (await store.terms(index as keyof typeof TERMS)).map(({ term, blocks: count }) => [term, count])
    expect(`terms of ${index}`, counts.sort(), [...terms].map(([term, having]) => [term, having.length]).sort())
    for (const [term, having] of terms) {
      for (const admittedOnly of [true, false]) {
        const query = { [index === 'tag' ? 'tags' : index]: index === 'tag' ? [term] : term, admittedOnly }
        const expected = having.filter(each => each.admitted || !admittedOnly).map(({ block }) => block.id)
        const found = (await collect(store.query(query))).map(({ block }) => block.id)
        expect(`${index} ${term}`, found.sort(), expected.sort())
        expect(`count of ${index} ${term}`, await store.count(query), expected.length)
      }
    }
  }
  return wrong
}

const TERMS = {
  author: ({ block }: StoredBlock) => [block.author],
  kind: ({ block }: StoredBlock) => [block.kind],
  model: ({ block }: StoredBlock) => (!block.opaque && block.kind === 'embedding' ? [block.embedding.model] : []),
  tag: ({ block }: StoredBlock) => (!block.opaque && block.tags) || [],
}
