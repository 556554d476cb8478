import { equal, unwrap } from '../../base/index'
import { didKey, isAcceptableIdentity, parseDidKey } from '../../signer/index'
import { recoveryCommitment } from '../recovery-commitment'
import { bytes, refuse, type Codec } from './codec'

const publicKey = bytes(32)

/** An Ed25519 key that may stand for somebody: 32 bytes on the wire, did:key in the API. */
export const identityKey: Codec<string> = {
  read(value, path) {
    const key = publicKey.read(value, path) as Uint8Array
    if (!isAcceptableIdentity(key)) refuse('bad-author-key', path, { hint: 'anyone could sign for this key' })
    return didKey(key)
  },
  write(value, path) {
    if (typeof value !== 'string') refuse('bad-type', path, { hint: 'a did:key' })
    const key = parseDidKey(value)
    return key.ok ? key.value : refuse('bad-did', path)
  },
}

type Key = Uint8Array | string | undefined

/** Refuses names, of those at a field, that stand elsewhere already. */
export function refuseAny(field: string, names: readonly (string | undefined)[], taken: readonly Key[]): void {
  for (const key of taken) {
    const name = key instanceof Uint8Array ? didKey(key) : key
    if (name !== undefined && names.includes(name)) refuse('bad-value', field, { hint: `not ${name}` })
  }
}

/** Whether a commitment is to this very key. */
export function isCommitmentTo(commitment: Uint8Array | undefined, key: Key): boolean {
  if (commitment === undefined || key === undefined) return false
  return equal(commitment, recoveryCommitment(key instanceof Uint8Array ? key : unwrap(parseDidKey(key))))
}
