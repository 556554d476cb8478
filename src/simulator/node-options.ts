import { fields, func, having, isObject, type Read, record, refuse, such } from '../base/index'
import type { SyncClientOptions, Validator } from '../client/index'
import { readRetention } from '../ingest/index'
import type { SigningIdentity } from '../signer/index'
import { PLAN_LIMITS, readAs, upTo } from './check-values'
import type { NodeOptions } from './simulated-node'

const identity = such<SigningIdentity>(
  value => isObject(value) && typeof value.sign === 'function' && typeof value.did === 'string',
  'a Signer: await Signer.generate()',
)

const known = record<NodeOptions>({
  validator: func,
  client: func,
  signer: identity,
  retention: (value, path) => readAs(() => readRetention(value), 'retention', path),
  waiting: upTo(PLAN_LIMITS.count),
})

/** What makes a node differ from the usual one; a promise of it comes too late. */
export const readNodeOptions: Read<NodeOptions> = (value, path) => known(atOnce(value, path || 'options'), path)

/** What a validator is, and what the options of a client are, as those who make them for a node give them. */
export const readValidator = having<Validator>('new CosmicValidator(policy, { verify })', 'validate')
export const readClientOptions: Read<SyncClientOptions> = (value, path) =>
  atOnce(value, path) as unknown as SyncClientOptions

function atOnce(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return value instanceof Promise ? refuse('bad-type', path, 'an object, not a promise of one') : fields(value, path)
}
