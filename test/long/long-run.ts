/** What `test/long/NAME.long.ts` exports by default. */
export interface LongRun {
  /** One paragraph for docs/long-runs.md: what is done, and what would fail it. */
  readonly about: string
  /** Throws at the first violation, after it told the seed that repeats it. `say` takes a line of progress. */
  run(seed: number, say: (line: string) => void): Promise<LongRunSummary>
}

/** Lines of a table: what was counted or measured, and how much. */
export type LongRunSummary = Readonly<Record<string, number | string>>

/** What a run leaves in `test/long/results/NAME.json`. */
export interface LongRunReport {
  readonly name: string
  readonly about: string
  readonly machine: string
  readonly seed: number
  readonly minutes: number
  readonly summary: LongRunSummary
}
