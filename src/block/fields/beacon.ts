import { fromHex } from '../../base/index'
import type { Beacon, BeaconFields } from '../evidence-types'
import { byteString, bytes, integer, refuse, withCheck } from './codec'
import { record, required } from './record'

/** Bytes of a compressed point of G1 and of G2. */
const POINT_LENGTHS: readonly number[] = [48, 96]

const point = withCheck(byteString, ({ length }, path) => {
  if (!POINT_LENGTHS.includes(length)) refuse('wrong-length', path, { limit: POINT_LENGTHS.join(' or ') })
})

/** Its lengths and the number of the round; whether it is a signature is for verification. */
export const beacon = record<Beacon>({
  chain: required('chain', bytes(32)),
  round: required('round', integer(1, Number.MAX_SAFE_INTEGER)),
  signature: required('signature', point),
})

/** The beacon in bytes; throws the refusal of what is none. */
export function toBeacon(fields: BeaconFields): Beacon {
  if (typeof fields !== 'object' || fields === null) refuse('bad-type', 'beacon', { hint: 'an object' })
  const { chain, round, signature } = fields
  const written = { chain: asBytes(chain, 'beacon.chain'), round, signature: asBytes(signature, 'beacon.signature') }
  return beacon.read(beacon.write(written, 'beacon'), 'beacon')
}

function asBytes(value: Uint8Array | string, field: string): Uint8Array {
  if (typeof value !== 'string') return value
  return fromHex(value) ?? refuse('bad-value', field, { hint: 'hexadecimal' })
}
