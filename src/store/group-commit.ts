import type { PutBlock, PutOutcome, StoredBlock } from './block-store'
import { assertAttached } from './check-storage-call'
import { MAX_PUT_BYTES } from './put-limits'

/** The most blocks of one write, which has no more bytes than a put may have; a single put beyond it is still one write. */
const MAX_GROUP = 1_024

interface Put {
  readonly blocks: readonly PutBlock[]
  resolve(outcomes: readonly PutOutcome[]): void
  reject(error: unknown): void
}

/** The puts of one write that has not begun. */
interface Group {
  readonly puts: Put[]
  size: number
  bytes: number
}

/**
 * Puts that arrive while a write is under way share the next one, since a durable write costs the same for one block as
 * for many. Order is kept, also among other writes; each put is told what became of its own blocks; when a write fails,
 * every put in it does. Where bytes of one were transferred meanwhile, that one is refused and the others are written.
 */
export class GroupCommit {
  readonly #inTurn: (write: () => Promise<void>) => unknown
  readonly #write: (blocks: readonly PutBlock[]) => Promise<readonly PutOutcome[]>
  #open: Group | undefined

  /** `write` stores blocks in one atomic batch and answers what became of each; `inTurn` calls it when those before have ended. */
  constructor(
    inTurn: (write: () => Promise<void>) => unknown,
    write: (blocks: readonly PutBlock[]) => Promise<readonly PutOutcome[]>,
  ) {
    this.#inTurn = inTurn
    this.#write = write
  }

  add(blocks: readonly PutBlock[]): Promise<readonly PutOutcome[]> {
    const bytes = bytesOf(blocks)
    const open = this.#open
    const fits = open && open.size + blocks.length <= MAX_GROUP && open.bytes + bytes <= MAX_PUT_BYTES
    const group = fits ? open : this.#begin()
    group.size += blocks.length
    group.bytes += bytes
    return new Promise((resolve, reject) => group.puts.push({ blocks, resolve, reject }))
  }

  /** Another write takes its turn: what is put from now on comes after it. */
  end(): void {
    this.#open = undefined
  }

  #begin(): Group {
    const group: Group = { puts: [], size: 0, bytes: 0 }
    this.#open = group
    this.#inTurn(() => {
      if (this.#open === group) this.end()
      return this.#commit(group.puts)
    })
    return group
  }

  async #commit(puts: readonly Put[]): Promise<void> {
    if (puts.length === 0) return
    try {
      const outcomes = await this.#write(puts.flatMap(({ blocks }) => blocks))
      let next = 0
      for (const { blocks, resolve } of puts) resolve(outcomes.slice(next, (next += blocks.length)))
    } catch (error) {
      const whole = puts.filter(isWhole)
      if (whole.length < puts.length) return this.#commit(whole)
      for (const { reject } of puts) reject(error)
    }
  }
}

/** Rejects a put whose bytes are no longer there. */
function isWhole({ blocks, reject }: Put): boolean {
  try {
    for (const { block } of blocks) assertAttached(block.bytes, 'blocks.block.bytes')
    return true
  } catch (error) {
    reject(error)
    return false
  }
}

/** Of their envelopes. */
export function bytesOf(blocks: readonly StoredBlock[]): number {
  let bytes = 0
  for (const { block } of blocks) bytes += block.bytes.length
  return bytes
}
