import { describe, type Failure } from '../base/index'
import type { Check } from './verdict'

/** In the order of the steps. */
const NAMES = [
  'form',
  'author',
  'signature',
  'sky',
  'kind',
  'time',
  'identity',
  'policy',
] as const satisfies Check['name'][]

/** How each step of one validation went; steps never reached count as skipped. */
export class Checklist {
  readonly #checks = new Map<Check['name'], Check>()

  passed(name: Check['name'], detail: string): void {
    this.#checks.set(name, { name, status: 'passed', detail })
  }

  failed(name: Check['name'], failure: Failure): void {
    const reason = failure.message ?? describe(failure)
    this.#checks.set(name, { name, status: 'failed', detail: reason })
  }

  skipped(name: Check['name'], detail: string): void {
    this.#checks.set(name, { name, status: 'skipped', detail })
  }

  /** Every step, in order. */
  list(): readonly Check[] {
    return NAMES.map(name => this.#checks.get(name) ?? { name, status: 'skipped', detail: 'not reached' })
  }
}
