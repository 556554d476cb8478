import { isObject } from '../base/index'
import type { Validator } from '../client/index'
import type { Verdict } from '../validate/index'

/**
 * A validator whose verdicts are looked at as they are: `refuse` is told each fault of the policy's own functions once. A
 * policy that throws refuses, which nobody in the network sees.
 */
export function watchedValidator<V extends Validator>(validator: V, refuse: (what: string) => void): V {
  const told = new Set<string>()
  return watched(validator, what => {
    if (told.has(what)) return
    told.add(what)
    refuse(what)
  })
}

function watched<V extends object>(validator: V, refuse: (what: string) => void): V {
  return new Proxy(validator, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given)
        if (name === 'withEvidence' && isObject(answer)) return watched(answer, refuse)
        // The answer itself is handed on: who waits for it waits no longer than without a look.
        if (answer instanceof Promise) answer.then((verdicts: unknown) => lookAt(verdicts, refuse), ignore)
        return answer
      }
    },
  })
}

const ignore = () => {}

function lookAt(verdicts: unknown, refuse: (what: string) => void): void {
  for (const verdict of Array.isArray(verdicts) ? (verdicts as unknown[]) : [verdicts]) {
    const { checks } = Object(verdict) as Partial<Verdict>
    if (!Array.isArray(checks)) continue
    for (const { isFaulty, detail } of checks as Verdict['checks']) if (isFaulty) refuse(detail)
  }
}
