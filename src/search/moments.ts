/** Running mean and variance (Welford 1962). */
export class Moments {
  #count = 0
  #mean = 0
  #squares = 0

  add(value: number): void {
    this.#count++
    const delta = value - this.#mean
    this.#mean += delta / this.#count
    this.#squares += delta * (value - this.#mean)
  }

  summary(): { mean: number; deviation: number } {
    return { mean: this.#mean, deviation: Math.sqrt(this.#squares / Math.max(1, this.#count)) }
  }
}
