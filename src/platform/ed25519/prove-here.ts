import type { Claim, ProveHere } from '../types'
import { random } from '../universal'
import { BatchEquation, type Sums } from './batch-equation'
import { batchLength, layClaims } from './lay-claims'
import { sums } from './sums.generated'

/** `undefined` where bytes may not be compiled, or the kernels' instructions are missing. */
export async function proveHereWith(sha512: (bytes: Uint8Array) => Uint8Array): Promise<ProveHere | undefined> {
  const instance = await WebAssembly.instantiate(Uint8Array.from(atob(sums), c => c.charCodeAt(0))).catch(
    () => undefined,
  )
  if (!instance) return undefined
  const equation = new BatchEquation(instance.instance.exports as unknown as Sums, {
    sha512,
    fillRandom: bytes => bytes.set(random.bytes(bytes.length)),
  })
  return claims => proveAll(equation, claims)
}

function proveAll(equation: BatchEquation, claims: readonly Claim[]): boolean[] {
  const proven: boolean[] = []
  let rest = claims
  while (rest.length > 0) {
    const count = batchLength(rest)
    for (const each of equation.prove(layClaims(rest.slice(0, count)))) proven.push(each === 1)
    rest = rest.slice(count)
  }
  return proven
}
