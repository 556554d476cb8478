import { nativeEd25519 } from '#platform'
import { equal } from '../base/index'

type Native = NonNullable<typeof nativeEd25519>

/** The native operations that proved themselves here; `undefined` ones are done by noble. */
export interface TestedNative {
  readonly sign?: Native['sign']
  readonly verify?: Native['verify']
  readonly verifyInPool?: NonNullable<Native['verifyInPool']>
}

/** RFC 8032 section 7.1, test 2. */
const SEED = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'
const PUBLIC_KEY = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
const MESSAGE = '72'
const SIGNATURE =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'

let tested: Promise<TestedNative> | undefined

/**
 * Native Ed25519, each operation offered only after it gave RFC 8032's answers. Tested on the first call, once. A runtime
 * whose signatures are randomised fails the signing half only.
 */
export function testedNative(): Promise<TestedNative> {
  return (tested ??= testNative(nativeEd25519))
}

/** The self-test itself, for any candidate. */
export async function testNative(native: Native | undefined): Promise<TestedNative> {
  if (native === undefined) return {}
  const { sign, verify, verifyInPool } = native
  const [signs, verifies, pools] = await Promise.all([
    works(() => canSign(sign)),
    works(() => canVerify(verify)),
    works(async () => verifyInPool !== undefined && canVerify(verifyInPool)),
  ])
  return { ...(signs && { sign }), ...(verifies && { verify }), ...(pools && { verifyInPool: verifyInPool! }) }
}

async function canSign(sign: Native['sign']): Promise<boolean> {
  return equal(await sign(fromHex(SEED), fromHex(MESSAGE)), fromHex(SIGNATURE))
}

async function canVerify(verify: Native['verify']): Promise<boolean> {
  const corrupted = fromHex(SIGNATURE)
  corrupted[40]! ^= 1
  const accepts = await verify(fromHex(PUBLIC_KEY), fromHex(MESSAGE), fromHex(SIGNATURE))
  return accepts && !(await verify(fromHex(PUBLIC_KEY), fromHex(MESSAGE), corrupted))
}

/** A runtime without the algorithm throws; that is an answer, not a failure. */
async function works(test: () => Promise<boolean>): Promise<boolean> {
  try {
    return await test()
  } catch {
    return false
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, pair => Number.parseInt(pair, 16))
}
