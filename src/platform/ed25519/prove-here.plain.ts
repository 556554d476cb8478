import { sha512 } from '@noble/hashes/sha2.js'
import type { ProveHere } from '../types'
import { proveHereWith } from './prove-here'

/** With SHA-512 in plain JavaScript. */
export const openPlainProver = (): Promise<ProveHere | undefined> => proveHereWith(sha512)
