import { having, text } from '../base/index'
import type { SuiteRunner } from './suite-tools'

/** Throws `bad-type`. */
export const readRunner = having<SuiteRunner>(
  '{ describe, test, expect } of a test runner',
  'describe',
  'test',
  'expect',
)
const openable = having<{ open(): unknown }>('{ name, open() }', 'open')
/** Throws `bad-type`. */
export function readSubject(subject: { readonly name: string; open(): unknown }): void {
  openable(subject, 'subject')
  text(subject.name, 'subject.name')
}
