import type { Block } from '../block/index'
import { EVERYTHING, type Interest, type Interests, isEverything, isWanted, traitsOf } from '../sync/index'

/** What a node wants of the others, now and ever since its disk was new. */
export class Wants {
  #now: Interests = EVERYTHING
  /** What may be on its disk. */
  #ever: readonly Interest[] = EVERYTHING

  get now(): Interests {
    return this.#now
  }

  /** Before its first run. */
  begin(interests: Interests): void {
    this.#now = interests
    this.#ever = interests
  }

  change(interests: Interests): void {
    this.#now = interests
    this.#ever = [...this.#ever, ...interests]
  }

  /** Its disk has become that of another. */
  takeOver(other: Wants): void {
    this.#ever = [...this.#ever, ...other.#ever]
  }

  wants(block: Block): boolean {
    return isWantedBy(block, this.#now)
  }

  hasWanted(block: Block): boolean {
    return isWantedBy(block, this.#ever)
  }
}

export function isWantedBy(block: Block, interests: Interests): boolean {
  return isEverything(interests) || isWanted(traitsOf(block), interests)
}
