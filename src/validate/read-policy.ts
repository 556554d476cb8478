import {
  count,
  CosmicError,
  fields,
  flag,
  func,
  having,
  oneOf,
  list,
  milliseconds,
  record,
  refuse,
  text,
  type Clock,
  type Read,
} from '../base/index'
import { didText } from '../signer/index'
import { checkChain, type BeaconChain } from './evidence/beacon-chain'
import type { TimeProof } from './evidence/time-proof'
import { DEFAULT_MAX_SKEW, type Condition, type Policy, type Requirement, type Rule } from './policy'
import { readRegion, type Region } from './region'

/** The most rules of a policy, named regions, names in one list, chains of beacons, and standards of proofs. */
export const MAX_RULES = 256
export const MAX_REGIONS = 64
export const MAX_NAMES = 10_000
export const MAX_BEACONS = 16
export const MAX_PROOFS = 16
/** The most witnesses that one rule names, and all rules together: each is looked up for each block. */
export const MAX_WITNESSES = 64
export const MAX_WITNESSES_OF_ALL = 256

/** A policy whose data is whole, copied and frozen; every region that a rule names stands in it. */
export interface PolicyData extends Omit<Policy, 'rules' | 'require' | 'regions'> {
  readonly maxSkew: number
  readonly rules: readonly RuleData[]
  /** Those of all rules. */
  readonly witnesses: ReadonlySet<string>
}

/** A rule with its regions in place of their names. */
export type RuleData = Omit<Rule, 'when' | 'require'> & {
  readonly when: Omit<Condition, 'region'> & { readonly region?: Region }
  readonly require: Omit<Requirement, 'within'> & { readonly within?: Region }
}

type Given = Omit<Policy, 'rules' | 'require'> & { rules?: readonly RuleData[]; require?: RuleData['require'] }

/**
 * Copies a policy's data, so that later changes to the caller's have no effect. Its own `require` becomes a rule without
 * condition.
 *
 * @throws CosmicError with the field, such as `rules[0].when.tags`: `unknown-field`, `missing-field`, `bad-type`,
 *   `bad-value`, `out-of-range`, `bad-did`, `limit`
 */
export function readPolicy(policy: Policy): PolicyData {
  const given = fields(policy, 'policy')
  const regions = given.regions === undefined ? {} : readRegions(given.regions)
  const region: Read<Region> = (value, path) => {
    if (typeof value !== 'string') return readRegion(value, path)
    return Object.hasOwn(regions, value) ? regions[value]! : refuse('bad-value', path, `no region named ${value}`)
  }
  const require = record<RuleData['require']>({
    consistent: flag,
    current: flag,
    place: flag,
    within: region,
    notBefore: record({ maxGap: milliseconds }, 'maxGap'),
    notAfter: quorum,
    proven: record({ maxGap: milliseconds }),
    observed: record({ devices: dids }, 'devices'),
  })
  const rule = record<RuleData>({
    name: text,
    when: record({ tags: names, authors: dids, kinds: names, region }),
    require,
    maxSkew: milliseconds,
    admit: func,
  })
  const {
    require: all,
    rules = [],
    ...data
  } = record<Given>({
    maxSkew: milliseconds,
    authors: record({ allow: dids, deny: dids }),
    models: names,
    endedKeys: oneOf('by-date', 'by-arrival', 'never'),
    kinds: names,
    beacons: list((value, path) => checkChain(fields(value, path) as unknown as BeaconChain, path), MAX_BEACONS),
    proofs: list(timeProof, MAX_PROOFS),
    regions: () => regions,
    require,
    rules: list(rule, MAX_RULES),
    admit: func,
    clock,
  })(policy, '')
  const every = [...(all ? [{ require: all }] : []), ...rules].map(complete)
  checkProofs(every, data.proofs)
  return { maxSkew: DEFAULT_MAX_SKEW, ...data, rules: every, witnesses: witnessesOf(every) }
}

function complete(rule: Partial<RuleData>): RuleData {
  return { ...rule, when: rule.when ?? {}, require: rule.require ?? {} }
}

function witnessesOf(rules: readonly RuleData[]): ReadonlySet<string> {
  const witnesses = new Set(rules.flatMap(({ require }) => require.notAfter?.of ?? []))
  if (witnesses.size <= MAX_WITNESSES_OF_ALL) return witnesses
  throw new CosmicError({ code: 'limit', field: 'rules', limit: MAX_WITNESSES_OF_ALL, hint: 'witnesses of all rules' })
}

function checkProofs(rules: readonly RuleData[], proofs: PolicyData['proofs']): void {
  if (proofs !== undefined || !rules.some(({ require }) => require.proven)) return
  refuse('missing-field', 'proofs', 'a rule asks for a proof: name the standards that are believed')
}

function readRegions(value: unknown): Readonly<Record<string, Region>> {
  const entries = Object.entries(fields(value, 'regions'))
  if (entries.length > MAX_REGIONS) throw new CosmicError({ code: 'limit', field: 'regions', limit: MAX_REGIONS })
  return Object.fromEntries(entries.map(([name, region]) => [name, readRegion(region, `regions.${name}`)]))
}

/** k of n, with n different witnesses. */
const quorum: Read<NonNullable<Requirement['notAfter']>> = (value, path) => {
  const read = record<NonNullable<Requirement['notAfter']>>(
    { of: list(didText, MAX_WITNESSES), atLeast: count, maxGap: milliseconds },
    'of',
    'atLeast',
  )(value, path)
  const { of, atLeast } = read
  if (new Set(of).size < of.length) refuse('bad-value', `${path}.of`, 'each witness once')
  if (atLeast > of.length) {
    throw new CosmicError({ code: 'out-of-range', field: `${path}.atLeast`, limit: `1 … ${of.length}` })
  }
  return read
}

const clock = /* @__PURE__ */ having<Clock>('{ now() }', 'now')
const timeProof: Read<TimeProof> = (value, path) => {
  const { format, verify } = fields(value, path)
  const fits = typeof format === 'string' && typeof verify === 'function'
  return fits ? (value as TimeProof) : refuse('bad-type', path, '{ format, verify() }')
}
const names = list(text, MAX_NAMES)
const dids = list(didText, MAX_NAMES)
