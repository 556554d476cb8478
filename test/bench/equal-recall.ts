/** How fast a contestant is at one setting of its knob, and what share of the true best it finds there. */
export interface Point {
  readonly recall: number
  readonly rate: number
}

/** Calls a second at exactly this recall, on the line between the neighbouring points of its best ones; `undefined` beyond them. */
export function rateAt(points: readonly Point[], recall: number): number | undefined {
  // A point that another one beats in both is no choice that anyone would make.
  const best = points.filter(a => !points.some(b => b.recall >= a.recall && b.rate > a.rate))
  best.sort((a, b) => a.recall - b.recall)
  const at = best.findIndex(point => point.recall >= recall)
  const [above, below] = [best[at], best[at - 1]]
  if (!above || !below) return above?.rate
  const share = (recall - below.recall) / (above.recall - below.recall)
  return below.rate + share * (above.rate - below.rate)
}
