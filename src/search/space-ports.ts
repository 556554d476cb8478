import type { KernelSource } from './kernels/kernels'
import type { Direction, Metric } from './vector-index'

/** What a space needs of the engine. */
export interface SpacePorts {
  /** Loads the kernels when the first space grows large. */
  readonly kernels: () => Promise<KernelSource>
  /** The vectors of stored blocks. Without it they are kept in memory. */
  readonly vectors?: (ids: readonly string[]) => Promise<readonly (Float32Array | undefined)[]>
  readonly pause?: () => Promise<void>
  readonly clustersFrom?: number
  /** Told when codes could not be made: the set stays as it is. */
  readonly onError?: (error: unknown) => void
}

export interface SpaceQuery {
  readonly query: Direction
  readonly metric: Metric
  readonly k: number
  readonly minScore: number
  readonly recall: number
  readonly now: number
  readonly signal?: AbortSignal
}
