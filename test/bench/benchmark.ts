/** One line of a benchmark: our figure, and how it compares with each named peer in the same run. */
export interface BenchResult {
  readonly case: string
  readonly value: number
  readonly unit: string
  /** Above 1: ours is better. */
  readonly ratios: Readonly<Record<string, number>>
}

/** Contestants' recall and rate, setting by setting, for a plot. */
export interface BenchPlot {
  readonly title: string
  readonly curves: readonly { readonly name: string; readonly points: readonly { recall: number; rate: number }[] }[]
}

/** What `test/bench/NAME.bench.ts` exports by default. */
export interface Benchmark {
  /** One paragraph for docs/benchmarks.md: what is measured, on what data, and what the peers do and do not do. */
  readonly about: string
  run(): Promise<BenchResult[] | { readonly results: readonly BenchResult[]; readonly plot: BenchPlot }>
}

/** What a run leaves in `test/bench/results/NAME.json`. */
export interface BenchReport {
  readonly machine: string
  readonly name: string
  readonly about: string
  readonly results: readonly BenchResult[]
  readonly plot?: BenchPlot
}
