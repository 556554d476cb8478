import { CosmicError } from '../base/index'
import { readRetention } from '../ingest/index'
import { CosmicValidator, type Policy } from '../validate/index'
import type { Config } from './config-schema'

/** What the schema leaves to the parts that take it. Throws as they do, with the path of the field and where it came from. */
export function checkRules({ policy, retention }: Pick<Config, 'policy' | 'retention'>, origin?: string): void {
  if (typeof policy === 'object') blamed(() => new CosmicValidator(policy as Policy), 'policy', origin)
  if (retention !== undefined) blamed(() => readRetention(retention), 'retention', origin)
}

function blamed(read: () => unknown, section: string, origin: string | undefined): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    const { code, field = '', limit, hint = '' } = error
    const at =
      field === '' || field === section || field.startsWith(`${section}.`) ? field || section : `${section}.${field}`
    const from = origin === undefined ? '' : ` (${origin})`
    throw new CosmicError({ code, field: at, hint: `${hint}${from}`.trim(), ...(limit !== undefined && { limit }) })
  }
}
