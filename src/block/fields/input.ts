import type { Input } from '../types'
import { LIMITS } from '../limits'
import { bytes, text } from './codec'
import { name } from './names'
import { optional, record, required } from './record'

/** What was embedded. */
export const input = record<Input>({
  type: required('type', name),
  hash: required('hash', bytes(32)),
  origin: optional('origin', text(LIMITS.originBytes)),
  content: optional('content', text(LIMITS.contentBytes)),
})
