/** How many of the true nearest lie in the nearest lists, learned from questions whose answers are known. */
export class Calibration {
  /** At p: how many of the known nearest lie in list number p, counted from the nearest. */
  readonly #ranks: Uint32Array
  #total = 0

  constructor(lists: number) {
    this.#ranks = new Uint32Array(lists)
  }

  note(rank: number): void {
    this.#ranks[rank]!++
    this.#total++
  }

  /** How many lists hold this share of the nearest; all when nothing is known. */
  probesFor(share: number): number {
    if (this.#total === 0) return this.#ranks.length
    let seen = 0
    for (let probes = 0; probes < this.#ranks.length; probes++) {
      seen += this.#ranks[probes]!
      if (seen >= share * this.#total) return probes + 1
    }
    return this.#ranks.length
  }
}
