import { isObject, such } from '../base/index'

/** The parts of a test runner that the suites use; vitest, jest, bun:test and node's (with an `expect`) fit. */
export interface SuiteRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
  expect(actual: unknown): SuiteExpectation
}

export interface SuiteExpectation {
  toBe(expected: unknown): unknown
  toEqual(expected: unknown): unknown
}

const readItems = such<AsyncIterable<unknown>>(
  value => isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value),
  'an async iterable',
)

/** Every item of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  readItems(items, 'items')
  const out: T[] = []
  for await (const item of items) out.push(item)
  return out
}

/** The `code` that a promise rejects with: `undefined` when it resolves, the error's text when it has none. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code ?? String(error)
  }
}
