/**
 * How far a list lies from where a query's nearest are: the `best` cosine that counts beyond what its centroid's cosine lets expect
 * of its rows, in units of how much these spread there. `mean`: of the cosines of rows with their own centroids.
 */
export function distanceOf(cosine: number, best: number, mean: number): number {
  return (best - mean * cosine) / Math.sqrt(Math.max(1e-6, 1 - cosine * cosine))
}

/** How far the lists are in which the nearest lie, learned from questions whose answers are known. */
export class Calibration {
  readonly #distances: number[] = []
  #sorted = true

  note(distance: number): void {
    this.#distances.push(distance)
    this.#sorted = false
  }

  /** Within which distance this share of the nearest was; without end when nothing is known. */
  distanceFor(share: number): number {
    const distances = this.#distances
    if (distances.length === 0) return Infinity
    if (!this.#sorted) distances.sort((a, b) => a - b)
    this.#sorted = true
    return distances[Math.min(distances.length - 1, Math.ceil(share * distances.length))]!
  }
}
