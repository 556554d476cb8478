import { CosmicError } from '../../../base/index'

/** What a schema holds, and with it the place of every table in SQL. */
export interface Tables {
  /** The name as it was given, for looking it up. */
  readonly schema: string
  /** The name as SQL writes it. */
  readonly quoted: string
  readonly store: string
  readonly log: string
  readonly block: string
  readonly record: string
  readonly stub: string
  readonly term: string
  readonly posting: string
  readonly change: string
  readonly side: string
  readonly vector: string
  readonly space: string
}

const NAMES = 'store log block record stub term posting change side vector space'.split(' ')
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/

/** Throws `bad-value` for names that are not plain identifiers. */
export function tablesOf(schema: string): Tables {
  if (typeof schema !== 'string' || !NAME.test(schema) || /^pg_/i.test(schema)) {
    const hint = 'a letter or underscore, then at most 47 letters, digits and underscores, not beginning with pg_'
    throw new CosmicError({ code: 'bad-value', field: 'schema', hint })
  }
  const quoted = `"${schema}"`
  const places = Object.fromEntries(NAMES.map(name => [name, `${quoted}.${name}`]))
  return { schema, quoted, ...places } as unknown as Tables
}
