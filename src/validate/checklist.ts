import { describe, type Failure } from '../base/index'
import { CHECKS, type Check } from './verdict'

/** How far off a step found its block, what that was held against, and which evidence did not count. */
export type Measure = Pick<Check, 'residual' | 'tolerance' | 'ignored'>

/** The steps that nothing but a policy calls for. */
const ON_DEMAND: readonly Check['name'][] = ['beacon', 'witnesses', 'sights']

/** How each step of one validation went; steps never reached count as skipped. */
export class Checklist {
  readonly #checks = new Map<Check['name'], Check>()

  passed(name: Check['name'], detail: string, measure: Measure = {}): void {
    this.#checks.set(name, { name, status: 'passed', ...measure, detail })
  }

  failed(name: Check['name'], failure: Failure, measure: Measure = {}): void {
    const { code, field } = failure
    const detail = failure.message ?? describe(failure)
    this.#checks.set(name, { name, status: 'failed', code, ...(field !== undefined && { field }), ...measure, detail })
  }

  skipped(name: Check['name'], detail: string): void {
    this.#checks.set(name, { name, status: 'skipped', detail })
  }

  /** Every step, in order. */
  list(): readonly Check[] {
    return CHECKS.map(name => this.#checks.get(name) ?? { name, status: 'skipped', detail: unreached(name) })
  }
}

function unreached(name: Check['name']): string {
  return ON_DEMAND.includes(name) ? 'no policy asked for it' : 'not reached'
}
