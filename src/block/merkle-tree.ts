import { concat } from '../base/index'
import { leafHash, nodeHash } from './merkle-proof'

/** A Merkle tree (RFC 6962 section 2.1) over leaves in their order, at least one. */
export class MerkleTree {
  /** Hashes from the leaves up; an odd last one rises to the next level unchanged, which gives RFC 6962's tree. */
  readonly #levels: (readonly Uint8Array[])[]

  constructor(leaves: readonly Uint8Array[]) {
    this.#levels = [leaves.map(leafHash)]
    for (let level = this.#levels[0]!; level.length > 1; this.#levels.push(level)) level = parents(level)
  }

  get root(): Uint8Array {
    return this.#levels.at(-1)![0]!
  }

  /** The audit path of a leaf: the siblings on its way up, joined. */
  path(index: number): Uint8Array {
    const siblings = this.#levels.map((level, height) => level[(index >> height) ^ 1])
    return concat(...siblings.filter(sibling => sibling !== undefined))
  }
}

function parents(level: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = [level[i]!, level[i + 1]]
    out.push(right === undefined ? left : nodeHash(left, right))
  }
  return out
}
