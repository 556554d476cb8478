import { toBase64url } from '../../base/index'
import { byteString, blockId, bytes, list, refuse, withCheck } from '../fields/codec'
import { withCommon } from '../fields/common'
import { record, required } from '../fields/record'
import { LIMITS } from '../limits'
import { isSizeClass, TAG_LENGTH } from '../padding'
import type { Keywrap, KeyWrap, Sealed } from '../sealed-types'

const wrap = record<KeyWrap>({
  recipient: required('to', bytes(32)),
  enc: required('enc', bytes(32)),
  key: required('key', bytes(32 + TAG_LENGTH)),
})

const wraps = list(wrap, LIMITS.recipients, ({ recipient }) => toBase64url(recipient))

const ciphertext = withCheck(byteString, (data, path) => {
  if (!isSizeClass(data.length - TAG_LENGTH)) refuse('wrong-length', path, { hint: 'a size class and a tag' })
})

const sealed = record<Sealed>({
  commitment: required('commit', bytes(32)),
  data: required('data', ciphertext),
  wraps: required('wraps', wraps),
})

const keywrap = record<Keywrap>({
  block: required('block', blockId),
  commitment: required('commit', bytes(32)),
  wraps: required('wraps', wraps),
})

/** Kind `sealed`: an embedding for some readers only. */
export const sealedKind = withCommon<{ readonly sealed: Sealed }>({ sealed: required('sealed', sealed) })

/** Kind `keywrap`: a sealed block's key for later recipients. */
export const keywrapKind = withCommon<{ readonly keywrap: Keywrap }>({ keywrap: required('keywrap', keywrap) })
