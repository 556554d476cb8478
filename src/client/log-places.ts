import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equal, fromHex, toHex, utf8, type Random } from '../base/index'
import { digestOf, nextChain, type BlockStore, type LogCursor } from '../store/index'
import { holdsItem, SESSION_LIMITS, type ReconcileSet, type SyncItem } from '../sync/index'

/** Where the secret of a store's places is kept, in its `side`; a copy of the store has the same one. */
const SECRET = utf8('sync/secret')
const SECRET_BYTES = 32

/** epoch (16) ‖ seq (8, big-endian) ‖ chain (16) ‖ seal (16). */
const PLACE_BYTES = 40
const SEAL_BYTES = 16

/** Entries of the log that are looked at in one go. */
const LOOKED_AT = 4_096

type Places = Pick<BlockStore, 'log' | 'position' | 'noticeCursor' | 'side'>

/**
 * Places of this node's arrival log as peers are told them, and bring them back.
 *
 * 1. A place is told only once every member up to it is in the reconciled set, and so was told by `inserted`.
 * 2. Only what this store has sealed for that very peer is looked up, and can show that the store was restored or copied:
 *    whatever anybody makes up is one hash, and leaves everything as it is.
 * 3. Where the chain of the log is that of what was seen and of what the set took since, the log holds nothing else, and is
 *    not read.
 */
export class LogPlaces {
  readonly #store: Places
  readonly #set: ReconcileSet
  readonly #secret: Uint8Array
  /** Every member up to this place is in the set. */
  #seen: LogCursor
  /** The chain of a log that held only members when it was read last, and went on with what the set took since, in that order. */
  #chain: Uint8Array
  #advancing: Promise<LogCursor | undefined> | undefined

  private constructor(store: Places, set: ReconcileSet, secret: Uint8Array, seen: LogCursor) {
    this.#store = store
    this.#set = set
    this.#secret = secret
    this.#seen = seen
    this.#chain = fromHex(seen.chain)!
  }

  /** `seen`: the end of the log before the set was filled. */
  static async open(store: Places, set: ReconcileSet, random: Random, seen: LogCursor): Promise<LogPlaces> {
    const kept = await store.side.get(SECRET)
    if (kept?.length === SECRET_BYTES) return new LogPlaces(store, set, kept, seen)
    const secret = random.bytes(SECRET_BYTES)
    await store.side.batch([{ type: 'put', key: SECRET, value: secret }])
    return new LogPlaces(store, set, secret, seen)
  }

  /** The set took these, which the store has added in this order. */
  inserted(items: readonly SyncItem[]): void {
    for (const { id } of items) this.#chain = nextChain(this.#chain, digestOf(id)!)
  }

  /** A place that a peer may be told now; `undefined` when the set lags behind the log. */
  async current(peer: string): Promise<Uint8Array | undefined> {
    this.#advancing ??= this.#advance().finally(() => (this.#advancing = undefined))
    const cursor = await this.#advancing
    return cursor && this.#seal(encodePlace(cursor), peer)
  }

  /**
   * What came into the log after a place that this peer was told; `undefined` when it is none of this log, or so much came
   * since that comparing sets is cheaper. A place that this store has sealed and does not have begins a new epoch of its log.
   */
  async replay(peer: string, sealed: Uint8Array): Promise<readonly SyncItem[] | undefined> {
    const place = sealed.subarray(0, PLACE_BYTES)
    if (sealed.length !== PLACE_BYTES + SEAL_BYTES || !equal(this.#seal(place, peer), sealed)) return undefined
    const cursor = decodePlace(place)
    const notice = await this.#store.noticeCursor(cursor)
    const end = await this.#store.position()
    // The places of the log are the same ones: what was seen of them was seen.
    if (notice === 'renewed') this.#seen = { ...this.#seen, epoch: end.epoch }
    if (notice !== 'known' || end.seq - cursor.seq > SESSION_LIMITS.replay) return undefined
    const items: SyncItem[] = []
    for await (const { id, time, state } of this.#store.log({ after: cursor.seq, limit: SESSION_LIMITS.replay }))
      if (state === 'held') items.push({ id, time })
    return items
  }

  async #advance(): Promise<LogCursor | undefined> {
    const end = await this.#store.position()
    if (end.chain === toHex(this.#chain)) return (this.#seen = end)
    // Another epoch may have numbered its places anew.
    let { seq } = end.epoch === this.#seen.epoch ? this.#seen : { seq: 0 }
    let left = LOOKED_AT
    for await (const entry of this.#store.log({ after: seq, limit: LOOKED_AT })) {
      if (entry.seq > end.seq) break
      const isMember = entry.state === 'held' || entry.state === 'pruned'
      if (isMember && !holdsItem(this.#set, entry)) return undefined
      seq = entry.seq
      this.#seen = { ...end, seq }
      left--
    }
    if (left === 0 && seq < end.seq) return undefined
    this.#chain = fromHex(end.chain)!
    return (this.#seen = end)
  }

  #seal(place: Uint8Array, peer: string): Uint8Array {
    const claim = concat(utf8('cosmic-embeddings/place/1'), utf8(peer), place)
    return concat(place, hmac(sha256, this.#secret, claim).subarray(0, SEAL_BYTES))
  }
}

function encodePlace({ epoch, seq, chain }: LogCursor): Uint8Array {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setBigUint64(0, BigInt(seq))
  return concat(fromHex(epoch)!, number, fromHex(chain)!)
}

function decodePlace(place: Uint8Array): LogCursor {
  const seq = Number(new DataView(place.buffer, place.byteOffset).getBigUint64(16))
  return { epoch: toHex(place.subarray(0, 16)), seq, chain: toHex(place.subarray(24, 40)) }
}
