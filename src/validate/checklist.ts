import { describe, type Failure } from '../base/index'
import { CHECKS, type Check } from './verdict'

/** How far off a step found its block, what that was held against, which evidence did not count, and whether the policy itself failed. */
export type Measure = Pick<Check, 'residual' | 'tolerance' | 'ignored' | 'isFaulty'>

/** The steps that nothing but a policy calls for. */
const ON_DEMAND: readonly Check['name'][] = ['beacon', 'witnesses', 'proofs', 'sights']

/** What is said of a step that was never reached, the same in every verdict. */
const UNREACHED: readonly Check[] = CHECKS.map(name =>
  Object.freeze({
    name,
    status: 'skipped',
    detail: ON_DEMAND.includes(name) ? 'no policy asked for it' : 'not reached',
  }),
)

/** How each step of one validation went; steps never reached count as skipped. */
export class Checklist {
  readonly #checks = UNREACHED.slice()

  passed(name: Check['name'], detail: string, measure?: Measure): void {
    this.#set(measure ? { name, status: 'passed', ...measure, detail } : { name, status: 'passed', detail })
  }

  failed(name: Check['name'], failure: Failure, measure: Measure = {}): void {
    const { code, field } = failure
    const detail = failure.message ?? describe(failure)
    this.#set({ name, status: 'failed', code, ...(field !== undefined && { field }), ...measure, detail })
  }

  skipped(name: Check['name'], detail: string): void {
    this.#set({ name, status: 'skipped', detail })
  }

  /** Every step, in order. Nothing is noted any more after that. */
  list(): readonly Check[] {
    return this.#checks
  }

  #set(check: Check): void {
    this.#checks[CHECKS.indexOf(check.name)] = check
  }
}
