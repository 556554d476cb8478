import { toBase64url } from '../../base/index'
import { bytes, list, refuse } from '../fields/codec'
import { withCommon } from '../fields/common'
import type { Head } from '../fields/head'
import { identityKey, isCommitmentTo, refuseAny } from '../fields/identity-key'
import { optional, record, required } from '../fields/record'
import type { Profile } from '../identity-types'
import { LIMITS } from '../limits'

const profile = record<Profile>({
  encryption: optional('enc', list(bytes(32), LIMITS.encryptionKeys, toBase64url)),
  recovery: optional('rec', bytes(32)),
  devices: optional(
    'dev',
    list(identityKey, LIMITS.devices, did => did),
  ),
  identity: optional('of', identityKey),
})

/** Kind `profile`: what a key publishes about itself. */
export const profileKind = withCommon<{ readonly profile: Profile }>({ profile: required('profile', profile) })

/** What hangs on the author. */
export function checkProfile({ author }: Head, fields: { readonly profile: Profile }): void {
  const { recovery, devices, identity } = fields.profile
  if (Object.keys(fields.profile).length === 0)
    refuse('missing-field', 'profile.encryption', { hint: 'or another field' })
  if (identity && recovery) refuse('unknown-field', 'profile.recovery', { hint: 'not beside identity' })
  if (isCommitmentTo(recovery, author)) refuse('bad-value', 'profile.recovery', { hint: 'not the author’s own key' })
  refuseAny('profile.identity', [identity], [author])
  refuseAny('profile.devices', devices ?? [], [author, identity])
}
