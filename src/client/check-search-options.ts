import { abortSignal, anything, flag, list, oneOf, record, such, text, type Read } from '../base/index'
import type { Circle } from '../search/index'
import type { Grades } from '../validate/index'
import { names } from './check-options'
import type { HitFilter, SearchOptions } from './query'

const numeric = such<number>(value => typeof value === 'number', 'a number')
const grade = oneOf<keyof Grades>('consistent', 'notBefore', 'notAfter', 'proven', 'observed', 'selfReported')
const translate: Read<boolean | readonly string[]> = (value, path) =>
  Array.isArray(value) ? names(value, path) : flag(value, path)

/** Throws `bad-type`, `bad-value` or `unknown-field` with the field: a filter that is misspelt would find everything. */
export const readSearchOptions = record<SearchOptions>({
  model: text,
  k: numeric,
  where: record<HitFilter>({
    tags: names,
    author: text,
    model: text,
    kind: text,
    since: numeric,
    until: numeric,
    near: record<Circle>(
      { latitude: numeric, longitude: numeric, radius: numeric },
      ...(['latitude', 'longitude', 'radius'] as const),
    ),
    predicates: names,
    grades: list(grade, 16),
  }),
  translate,
  versions: oneOf('current', 'all'),
  hybrid: flag,
  minScore: numeric,
  metric: anything,
  mode: anything,
  recall: numeric,
  offset: numeric,
  perAuthor: numeric,
  diversity: numeric,
  signal: abortSignal,
})
