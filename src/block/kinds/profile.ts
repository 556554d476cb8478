import { toBase64url } from '../../base/index'
import { bytes, list } from '../fields/codec'
import { withCommon } from '../fields/common'
import { record, required } from '../fields/record'
import { LIMITS } from '../limits'
import type { Profile } from '../sealed-types'

const profile = record<Profile>({
  encryption: required('enc', list(bytes(32), LIMITS.encryptionKeys, toBase64url)),
})

/** Kind `profile`: what an identity publishes about itself. */
export const profileKind = withCommon<{ readonly profile: Profile }>({ profile: required('profile', profile) })
