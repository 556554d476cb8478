import type { SuiteRunner } from '../../src/testing/suite-tools'

export interface PageResults {
  readonly passed: readonly string[]
  /** With what went wrong. */
  readonly failed: readonly string[]
}

interface Named {
  readonly name: string
  readonly body: () => Promise<void>
}

/** Runs compliance suites in a page that no test runner reaches into, one test after the other. */
export async function runSuites(define: (runner: SuiteRunner) => void): Promise<PageResults> {
  const tests: Named[] = []
  const path: string[] = []
  define({
    describe: (name, body) => {
      path.push(name)
      body()
      path.pop()
    },
    test: (name, body) => tests.push({ name: [...path, name].join(' > '), body }),
    expect: actual => ({
      toBe: expected => assert(Object.is(actual, expected), actual, expected),
      toEqual: expected => assert(isEqual(actual, expected), actual, expected),
    }),
  })
  const [passed, failed]: [string[], string[]] = [[], []]
  for (const { name, body } of tests) {
    await body().then(
      () => passed.push(name),
      (error: unknown) => failed.push(`${name}: ${String(error)}`),
    )
  }
  return { passed, failed }
}

function assert(holds: boolean, actual: unknown, expected: unknown): void {
  if (!holds) throw new Error(`${show(actual)} is not ${show(expected)}`)
}

const show = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 300)

/** Equal in every part; a property that is `undefined` counts as absent. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const [left, right] = [a, b] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>]
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every(name => isEqual(left[name], right[name]))
}
