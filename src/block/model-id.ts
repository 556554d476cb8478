import { fail, ok, type Result } from '../base/index'
import { LIMITS } from './limits'

/** A model id taken apart. Ids are compared as whole texts: another revision is another vector space. */
export interface ModelId {
  readonly provider: string
  readonly name: string
  readonly revision?: string
  readonly dims?: number
}

const PROVIDER = '(?<provider>[a-z0-9][a-z0-9._-]*)'
const NAME = '(?<name>[A-Za-z0-9][A-Za-z0-9._:/+-]*)'
const REVISION = '(?:@(?<revision>[A-Za-z0-9][A-Za-z0-9._+-]*))?'
const DIMS = '(?:#(?<dims>[1-9][0-9]{0,3}))?'

/** The grammar (docs/spec/block.md, "Model ids"); each character class excludes what follows it, so matching is linear. */
const GRAMMAR = new RegExp(`^${PROVIDER}:${NAME}${REVISION}${DIMS}$`)

/**
 * Reads `provider:name[@revision][#dims]`, at most 256 bytes of ASCII; anything else is `bad-model-id`.
 *
 * @example
 * ```ts
 * parseModelId('openai:text-embedding-3-small#512') // { provider: 'openai', name: 'text-embedding-3-small', dims: 512 }
 * ```
 */
export function parseModelId(text: string): Result<ModelId> {
  const groups = typeof text === 'string' && text.length <= LIMITS.modelId ? GRAMMAR.exec(text)?.groups : undefined
  const dims = groups?.['dims'] === undefined ? undefined : Number(groups['dims'])
  if (groups === undefined || (dims !== undefined && dims > LIMITS.dims)) {
    return fail({ code: 'bad-model-id', hint: 'provider:name[@revision][#dims]' })
  }
  const { provider, name, revision } = groups as { provider: string; name: string; revision?: string }
  return ok({ provider, name, ...(revision !== undefined && { revision }), ...(dims !== undefined && { dims }) })
}
