import { bls12_381 as bls } from '@noble/curves/bls12-381.js'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../../src/base/index'
import type { Beacon } from '../../../../src/block/index'
import { QUICKNET, verifyBeacon, type BeaconChain } from '../../../../src/validate/index'
import { CHAINS, quicknet, ROUNDS } from './beacons'

const [first] = ROUNDS as [Beacon]
const withSignature = (signature: Uint8Array | string): object => ({ ...first, signature })
const edited = (at: number, bits: number): Uint8Array =>
  first.signature.map((byte, i) => (i === at ? byte ^ bits : byte))

async function refusal(beacon: unknown, chains?: readonly BeaconChain[]) {
  const answer = await verifyBeacon(beacon as Beacon, chains && { chains })
  return answer.ok ? 'accepted' : `${answer.error.code} ${answer.error.field}`
}

/** A point of the curve that is not in the subgroup: the first with a small x. */
function outside(): Uint8Array {
  const { Fp } = bls.fields
  for (let x = 1n; ; x++) {
    const bytes = Fp.toBytes(x)
    bytes[0]! |= 0x80
    try {
      Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n))
    } catch {
      continue
    }
    return bytes
  }
}

/** The same, in G2. */
function outsideG2(): Uint8Array {
  const { Fp, Fp2 } = bls.fields
  for (let c = 1n; ; c++) {
    const x = Fp2.create({ c0: c, c1: 0n })
    try {
      Fp2.sqrt(Fp2.add(Fp2.pow(x, 3n), bls.G2.Point.CURVE().b))
    } catch {
      continue
    }
    const bytes = Uint8Array.from([...Fp.toBytes(0n), ...Fp.toBytes(c)])
    bytes[0]! |= 0x80
    return bytes
  }
}

describe('verifyBeacon', () => {
  test('answers when each published round of each scheme came out', async () => {
    for (const { chain, rounds } of CHAINS) {
      for (const beacon of rounds) {
        const answer = await verifyBeacon(beacon, { chains: [chain] })
        const time = chain.genesis + (beacon.round - 1) * chain.period
        expect(answer).toEqual({ ok: true, value: { chain: chain.hash, round: beacon.round, time } })
      }
    }
  })

  test('knows quicknet, and takes what drand publishes as it is', async () => {
    expect(QUICKNET).toEqual(quicknet.chain)
    const answer = await verifyBeacon({
      chain: QUICKNET.hash,
      round: 1000,
      signature: toHex(first.signature).toUpperCase(),
    })
    expect(answer.ok && new Date(answer.value.time).toISOString()).toBe('2023-08-23T15:59:24.000Z')
  })

  test.each([
    ['a chain that nobody described', { ...first, chain: new Uint8Array(32) }, 'beacon-chain beacon.chain'],
    ['another round', { ...first, round: 1001 }, 'beacon-signature beacon.signature'],
    ['another round’s signature', withSignature(ROUNDS[1]!.signature), 'beacon-signature beacon.signature'],
    ['the negated signature', withSignature(edited(0, 0x20)), 'beacon-signature beacon.signature'],
    ['the generator', withSignature(bls.G1.Point.BASE.toBytes()), 'beacon-signature beacon.signature'],
    ['the point at infinity', withSignature(`c0${'00'.repeat(47)}`), 'beacon-infinity beacon.signature'],
    ['infinity, not canonical', withSignature(`c0${'00'.repeat(46)}01`), 'beacon-encoding beacon.signature'],
    ['infinity with a sign', withSignature(`e0${'00'.repeat(47)}`), 'beacon-encoding beacon.signature'],
    ['no compression', withSignature(edited(0, 0x80)), 'beacon-encoding beacon.signature'],
    ['zeros', withSignature('00'.repeat(48)), 'beacon-encoding beacon.signature'],
    ['x = p + 1', withSignature(beyondField(1n)), 'beacon-encoding beacon.signature'],
    ['all ones', withSignature('ff'.repeat(48)), 'beacon-encoding beacon.signature'],
    ['an x without a point', withSignature(`80${'00'.repeat(46)}01`), 'beacon-encoding beacon.signature'],
    ['a point outside the subgroup', withSignature(outside()), 'beacon-subgroup beacon.signature'],
    ['a signature of the other group', withSignature(bls.G2.Point.BASE.toBytes()), 'beacon-encoding beacon.signature'],
    ['a signature of 47 bytes', withSignature(first.signature.subarray(1)), 'wrong-length beacon.signature'],
    ['text that is no hexadecimal', withSignature('signature'), 'bad-value beacon.signature'],
    ['a chain hash of 31 bytes', { ...first, chain: new Uint8Array(31) }, 'wrong-length beacon.chain'],
    ['no signature', { chain: first.chain, round: 1 }, 'missing-field beacon.signature'],
    ['round 0', { ...first, round: 0 }, 'out-of-range beacon.round'],
    ['half a round', { ...first, round: 1.5 }, 'bad-type beacon.round'],
    ['a round after 2100', { ...first, round: Number.MAX_SAFE_INTEGER }, 'out-of-range beacon.round'],
  ])('refuses %s', async (_, beacon, expected) => {
    expect(await refusal(beacon)).toBe(expected)
  })

  test('classes faults of signatures in G2 alike', async () => {
    const { chain, rounds } = CHAINS.find(({ chain }) => chain.scheme === 'pedersen-bls-unchained')!
    const [beacon] = rounds as [Beacon]
    const refusalOf = (signature: Uint8Array) => refusal({ ...beacon, signature }, [chain])
    const infinity = new Uint8Array(96)
    infinity[0] = 0xc0
    expect(await refusalOf(infinity)).toBe('beacon-infinity beacon.signature')
    expect(await refusalOf(outsideG2())).toBe('beacon-subgroup beacon.signature')
    expect(await refusalOf(new Uint8Array(96).fill(0xff))).toBe('beacon-encoding beacon.signature')
    expect(await refusalOf(bls.G2.Point.BASE.toBytes())).toBe('beacon-signature beacon.signature')
  })

  test.each([
    ['the neutral element', `c0${'00'.repeat(95)}`],
    ['no point', 'ff'.repeat(96)],
  ])('believes nothing of a chain whose public key is %s', async (_, publicKey) => {
    const chain = { ...QUICKNET, publicKey }
    const infinity = `c0${'00'.repeat(47)}`
    expect(await refusal(first, [chain])).toBe('beacon-chain beacon.chain')
    expect(await refusal(withSignature(infinity), [chain])).toBe('beacon-chain beacon.chain')
  })

  test('tells scheme and tag apart', async () => {
    expect(await refusal(first, [{ ...QUICKNET, scheme: 'bls-unchained-on-g1' }])).toBe(
      'beacon-signature beacon.signature',
    )
  })

  test.each([
    ['bad-value', 'chains[0].scheme', { scheme: 'pedersen-bls-chained' }],
    ['wrong-length', 'chains[0].hash', { hash: '00' }],
    ['bad-value', 'chains[0].hash', { hash: 'x'.repeat(64) }],
    ['wrong-length', 'chains[0].publicKey', { scheme: 'pedersen-bls-unchained' }],
    ['out-of-range', 'chains[0].period', { period: 0 }],
    ['out-of-range', 'chains[0].genesis', { genesis: Number.NaN }],
  ])('throws %s at %s of a malformed description', async (code, field, fault) => {
    const chains = [{ ...QUICKNET, ...fault } as BeaconChain]
    await expect(verifyBeacon(first, { chains })).rejects.toMatchObject({ name: 'CosmicError', code, field })
  })
})

function beyondField(by: bigint): Uint8Array {
  const bytes = fromHex((bls.fields.Fp.ORDER + by).toString(16))!
  bytes[0]! |= 0x80
  return bytes
}
