import { CosmicError } from '../base/index'
import type { Grades } from '../validate/index'
import { expect, type Fields, isRecord, isText, isTextList } from './check-options'
import type { SearchOptions } from './query'

/** Throws `bad-type` or `unknown-field` with the field: a filter that is misspelt would find everything. */
export function checkSearchOptions(options: SearchOptions): void {
  expect(isRecord(options), 'options', '{ model, k, where }')
  const { where, model, versions = 'all' }: Fields = { ...options }
  expect(versions === 'current' || versions === 'all', 'versions', 'current or all')
  expect(model === undefined || isText(model), 'model', 'a model id')
  if (where === undefined) return
  expect(isRecord(where), 'where', '{ tags, author, model, kind, since, until, near, predicates, grades }')
  for (const [name, value] of Object.entries(where as Fields)) {
    const [holds, hint] = CONDITIONS.get(name) ?? []
    if (!holds || !hint) throw new CosmicError({ code: 'unknown-field', field: `where.${name}` })
    if (value !== undefined) expect(holds(value), `where.${name}`, hint)
  }
}

type Condition = readonly [(value: unknown) => boolean, hint: string]

const text: Condition = [isText, 'a text']
const texts: Condition = [isTextList, 'a list of texts']
const time: Condition = [value => typeof value === 'number', 'milliseconds']
const GRADES = [
  'consistent',
  'notBefore',
  'notAfter',
  'proven',
  'observed',
  'selfReported',
] satisfies (keyof Grades)[] as string[]
const CONDITIONS: ReadonlyMap<string, Condition> = new Map([
  ['tags', texts],
  ['predicates', texts],
  [
    'grades',
    [value => isTextList(value) && (value as string[]).every(name => GRADES.includes(name)), GRADES.join(', ')],
  ],
  ['author', text],
  ['model', text],
  ['kind', text],
  ['since', time],
  ['until', time],
  ['near', [isRecord, '{ latitude, longitude, radius }']],
])
