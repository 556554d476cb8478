import type { Recorder } from './recorder'

/** What must hold; docs/simulator.md says what each means. */
export type OracleName =
  | 'convergence'
  | 'at-rest'
  | 'verified'
  | 'durable'
  | 'readable'
  | 'storage'
  | 'erased'
  | 'retention'
  | 'identities'
  | 'interests'
  | 'indexes'
  | 'budget'
  | 'session-invariants'
  | 'machine-invariants'
  | 'honest-blamed'
  | 'hostile-borne'
  | 'no-crash'
  | 'answers'
  | 'running'
  | 'synced'
  | 'policy'
  | 'no-timer-left'
  | 'check'

export interface Violation {
  readonly oracle: OracleName | (string & {})
  readonly message: string
  readonly node?: string
  /** Number of the recorded event. */
  readonly n: number
}

/** How many are kept, and the first of each oracle: the first tell most. */
const MOST = 20

export class Violations {
  readonly list: Violation[] = []

  constructor(readonly recorder: Recorder) {}

  add(oracle: string, message: string, node: string | undefined): void {
    const n = this.recorder.record('violation', { oracle, message, ...(node !== undefined && { node }) })
    const isFirst = !this.list.some(violation => violation.oracle === oracle)
    if (isFirst || this.list.length < MOST) this.list.push({ oracle, message, n, ...(node !== undefined && { node }) })
  }
}
