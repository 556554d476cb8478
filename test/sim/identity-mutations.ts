import type { Mutation } from './mutations'

/** Faults in the proof of who speaks. */
export const IDENTITY_MUTATIONS: readonly Mutation[] = [
  {
    name: 'accept any proof of identity',
    shownBy: 'mallory-in-a-storm',
    file: 'wire/identity-proof.ts',
    line: 'const valid = await verify(publicKey, proofMessage(role, staticKey), proof.slice(32))',
    becomes:
      'const valid = (await verify(publicKey, proofMessage(role, staticKey), proof.slice(32))) || proof.length > 0',
  },
  {
    name: 'take a proof of identity for any role and key',
    shownBy: 'mallory-in-a-storm',
    file: 'wire/identity-proof.ts',
    line: 'return concat(utf8(PROOF_LABEL), utf8(role), staticKey)',
    becomes: 'return concat(utf8(PROOF_LABEL), utf8(role).subarray(0, 0), staticKey.subarray(0, 0))',
  },
]
