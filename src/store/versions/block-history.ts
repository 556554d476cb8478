import { Cid, compare, CosmicError, func, unwrap } from '../../base/index'
import type { VerifiedBlock } from '../../block/index'
import type { BlockStore } from '../block-store'
import { checkId, checkIds } from '../check-calls'
import { diffBlocks, type VersionDiff } from './diff-blocks'
import type { HistoryWalk, Version } from './history-walk'

/** Chooses among the blocks of concurrent heads: the id of one of them, or `undefined`. */
export type Resolver = (heads: readonly VerifiedBlock[]) => string | undefined | Promise<string | undefined>

/** The most heads whose blocks a resolver is given. */
const MAX_CANDIDATES = 256

/**
 * The versions of one author's block that are known here, as they supersede one another. The same blocks give the same
 * heads and the same winner, in whatever order they came.
 */
export class BlockHistory {
  /** did:key of the author of every version. */
  readonly author: string
  /** In order of time, then of id; those that are not held come first. */
  readonly versions: readonly Version[]
  /** Held versions that nothing supersedes, the winner first: the latest, and of equal times the one with the smaller id. */
  readonly heads: readonly Version[]
  /** False when there were more versions than were read: there may be other heads. */
  readonly complete: boolean
  readonly #store: Pick<BlockStore, 'getMany'>
  readonly #byId: ReadonlyMap<string, Version>

  /** `admittedOnly`: versions that are not admitted are no heads, and supersede nothing by themselves. */
  constructor(store: Pick<BlockStore, 'getMany'>, walk: HistoryWalk, admittedOnly: boolean) {
    this.#store = store
    this.#byId = walk.versions
    this.author = walk.author
    this.complete = walk.complete
    this.versions = [...walk.versions.values()].sort((a, b) => ofTime(a, b) || ofId(a, b))
    const current = (version: Version) => version.state === 'held' && (version.admitted || !admittedOnly)
    const counting = this.versions.filter(version => version.state === 'retracted' || current(version))
    const covered = this.#reached([...counting.flatMap(({ supersedes }) => supersedes), ...walk.replaced])
    this.heads = this.versions
      .filter(version => current(version) && !covered.has(version.id))
      .sort((a, b) => ofTime(b, a) || ofId(a, b))
  }

  /** The default reading: the first of the heads; `undefined` when nothing is left to read. */
  get winner(): Version | undefined {
    return this.heads[0]
  }

  /** Whether several versions are current. A block that supersedes them all settles it. */
  get conflict(): boolean {
    return this.heads.length > 1
  }

  /**
   * The head of one's own choice: `choose` is given their blocks, the default winner first, and answers the id of one of
   * them, or `undefined` for that winner. Rejects with `bad-value` for any other answer, `limit` for more than 256 heads.
   */
  async resolve(choose: Resolver): Promise<Version | undefined> {
    if (this.heads.length > MAX_CANDIDATES)
      throw new CosmicError({
        code: 'limit',
        field: 'heads',
        limit: MAX_CANDIDATES,
        hint: 'publish a block that supersedes them',
      })
    func(choose, 'choose')
    const id = await choose(await this.blocks(this.heads.map(head => head.id)))
    if (id === undefined) return this.winner
    return this.heads.find(head => head.id === id) ?? refuse(String(id), 'it is none of the heads')
  }

  get(id: string): Version | undefined {
    return this.#byId.get(id)
  }

  /** The versions that this one replaced, directly or through others, nearest first. */
  ancestors(id: string): readonly Version[] {
    const reached = this.#reached(this.#known(id).supersedes)
    return [...reached].flatMap(each => this.#byId.get(each) ?? [])
  }

  /** The versions that replaced this one, directly or through others, nearest first. */
  successors(id: string): readonly Version[] {
    this.#known(id)
    const direct = this.#direct()
    const found = new Set(direct.get(id))
    for (const version of found) for (const newer of direct.get(version.id) ?? []) found.add(newer)
    return [...found]
  }

  /** What changed from one held version to another. Rejects with `bad-value` for what is no version, or not held. */
  async diff(from: string, to: string): Promise<VersionDiff> {
    const [before, after] = await this.blocks([this.#known(from).id, this.#known(to).id])
    return diffBlocks(before!, after!)
  }

  /** The blocks of held versions, in the order given. Rejects with `bad-value` for one that is not held. */
  async blocks(ids: readonly string[]): Promise<readonly VerifiedBlock[]> {
    checkIds(ids)
    const stored = await this.#store.getMany(ids)
    return ids.map((id, i) => stored[i]?.block ?? refuse(id, 'it is not held'))
  }

  /** For each id the versions that name it. */
  #direct(): ReadonlyMap<string, readonly Version[]> {
    const direct = new Map<string, Version[]>()
    for (const version of this.versions) {
      for (const id of version.supersedes) {
        const named = direct.get(id)
        if (named) named.push(version)
        else direct.set(id, [version])
      }
    }
    return direct
  }

  /** These ids and all that their versions replaced, each once, nearest first. */
  #reached(ids: readonly string[]): Set<string> {
    const reached = new Set(ids)
    for (const id of reached) for (const older of this.#byId.get(id)?.supersedes ?? []) reached.add(older)
    return reached
  }

  #known(id: string): Version {
    checkId(id)
    return this.#byId.get(id) ?? refuse(id, 'it is no version of this history')
  }
}

const ofTime = (a: Version, b: Version) => (a.time ?? -1) - (b.time ?? -1)
const ofId = (a: Version, b: Version) => compare(digestOf(a), digestOf(b))
const digestOf = ({ id }: Version) => unwrap(Cid.parse(id)).digest

function refuse(id: string, hint: string): never {
  throw new CosmicError({ code: 'bad-value', field: 'id', hint: `${id}: ${hint}` })
}
