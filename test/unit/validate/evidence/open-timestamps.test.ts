import { createHash } from 'node:crypto'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attempt, fromHex } from '../../../../src/base/index'
import { openTimestamps } from '../../../../src/validate/index'
import { parseOts } from '../../../../src/validate/evidence/ots/parse-ots'
import published from '../../../vectors/opentimestamps.json'

const { height } = published.header
const header = fromHex(published.header.bytes)!
const proofs = new Map(
  published.proofs.map(({ name, sha256, proof }) => [
    name,
    { digest: fromHex(sha256 ?? '00'.repeat(32))!, proof: new Uint8Array(Buffer.from(proof, 'base64')) },
  ]),
)
const hello = proofs.get('hello-world.txt')!
const standard = openTimestamps({ header: at => (at === height ? header : undefined) })
const verify = async (name: string) => {
  const { digest, proof } = proofs.get(name)!
  const answer = await standard.verify(digest, proof)
  return answer.ok ? answer.value.by : answer.error.code
}
const withHeader = async (bytes: Uint8Array) => {
  const answer = await openTimestamps({ header: () => bytes }).verify(hello.digest, hello.proof)
  return answer.ok ? 'accepted' : answer.error.code
}

/** A proof of a digest of zeros that goes on as told. */
const proofOf = (...rest: readonly number[]) =>
  Uint8Array.of(...hello.proof.subarray(0, 33), ...new Uint8Array(32), ...rest)
const zeros = new Uint8Array(32)
const PENDING = [0, 0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e, 0]
const refusal = async (...rest: readonly number[]) => {
  const answer = await standard.verify(zeros, proofOf(...rest))
  return answer.ok ? 'accepted' : `${answer.error.code}: ${answer.error.message}`
}

describe('openTimestamps', () => {
  test('verifies the published proof, with the lag that a header’s time may have', async () => {
    const answer = await standard.verify(hello.digest, hello.proof)
    const time = Date.UTC(2015, 4, 28, 15, 41, 18) + 2 * 3_600_000
    expect(answer).toEqual({ ok: true, value: { time, by: 'bitcoin block 358391' } })
    expect(standard.format).toBe('opentimestamps')
  })

  test.each([
    ['empty', 'incomplete-proof'],
    ['merkle1.txt', 'incomplete-proof'],
    ['merkle2.txt', 'incomplete-proof'],
    ['merkle3.txt', 'incomplete-proof'],
    ['two-calendars.txt', 'incomplete-proof'],
    ['incomplete.txt', 'incomplete-proof'],
    ['unknown-notary.txt', 'incomplete-proof'],
    ['different-blockchains.txt', 'incomplete-proof'],
    ['bad-stamp.txt', 'bad-proof'],
    ['invalid/bad-major-version', 'bad-proof'],
    ['invalid/exceeds-max-msg-length', 'bad-proof'],
    ['invalid/invalid-file-digest-type', 'bad-proof'],
  ])('judges the published example %s as %s', async (name, expected) => {
    expect(await verify(name)).toBe(expected)
  })

  test('reads every well-formed example', () => {
    for (const [name, { digest, proof }] of proofs) {
      if (!name.startsWith('invalid/')) expect(parseOts(proof).digest).toEqual(digest)
    }
    expect([...parseOts(proofs.get('empty')!.proof).bitcoin.keys()]).toEqual([129_405])
  })

  test('takes no proof of something else, nor another header', async () => {
    expect(await standard.verify(zeros, hello.proof)).toMatchObject({ error: { code: 'bad-proof' } })
    const altered = (at: number) => header.map((byte, i) => (i === at ? byte ^ 1 : byte))
    for (const at of [0, 40, 70, 73, 79]) expect(await withHeader(altered(at))).toBe('bad-proof')
    expect(await withHeader(header.slice(1))).toBe('bad-proof')
    expect(await withHeader(new Uint8Array(80))).toBe('bad-proof')
  })

  test('a proof whose header is not at hand may succeed later', async () => {
    const answer = await openTimestamps({ header: () => undefined }).verify(hello.digest, hello.proof)
    expect(answer).toMatchObject({ error: { code: 'incomplete-proof', message: /358391/ } })
  })

  test('never throws, and shows nothing when any byte is changed, cut or added', async () => {
    const at = fc.nat(hello.proof.length - 1)
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (place, by) => {
        const changed = hello.proof.map((byte, i) => (i === place ? byte ^ by : byte))
        const parsed = attempt(() => parseOts(changed))
        const answer = await standard.verify(hello.digest, changed)
        // A change in the height’s spelling or in a passed-over attestation would leave the way to the root as it is.
        if (answer.ok) expect(parsed.ok && parsed.value).toEqual(parseOts(hello.proof))
        for (const other of [hello.proof.slice(0, place), Uint8Array.of(...hello.proof, by)]) {
          expect(await standard.verify(hello.digest, other)).toMatchObject({ error: { code: 'bad-proof' } })
        }
      }),
      { numRuns: 400 },
    )
  })

  test('bounds what a hostile proof may cost', async () => {
    const many = (count: number, ...bytes: readonly number[]) => Array.from({ length: count }, () => bytes).flat()
    expect(await refusal(...many(2048, 0x08), ...PENDING)).toMatch(/^incomplete/)
    expect(await refusal(...many(2049, 0x08), ...PENDING)).toMatch(/more than 2048 operations/)
    expect(await refusal(...many(300, 0xff, 0x08), ...many(301, ...PENDING))).toMatch(/too many forks/)
    expect(await refusal(...many(8, 0xf3), ...PENDING)).toMatch(/a message too long/)
    expect(await refusal(0xf0, 0x81, 0x20)).toMatch(/4097 bytes/)
    expect(await refusal(0xf0, 0x00)).toMatch(/0 bytes/)
    expect(await refusal(0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).toMatch(/a number too long/)
    expect(await refusal(0x99)).toMatch(/an unknown operation/)
    expect(await refusal(0x00)).toMatch(/cut short/)
    const bitcoin = (at: number) => [0xff, 0x00, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01, 1, at]
    const heights = Array.from({ length: 9 }, (_, i) => bitcoin(i)).flat()
    expect(await refusal(...heights, ...PENDING)).toMatch(/more than 8 blocks/)
  })

  test.each([
    ['sha1', 0x02, hashed('sha1')],
    ['ripemd160', 0x03, hashed('ripemd160')],
    ['sha256', 0x08, hashed('sha256')],
    ['keccak256', 0x67, (message: Uint8Array) => Buffer.from(keccak_256(message))],
    ['reverse', 0xf2, (message: Uint8Array) => Buffer.from(message).reverse()],
    ['hexlify', 0xf3, (message: Uint8Array) => Buffer.from(Buffer.from(message).toString('hex'))],
  ])('knows the operation %s', (_, tag, operation) => {
    const attestation = [0x00, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01, 1, 7]
    const { bitcoin } = parseOts(proofOf(0xf0, 1, 9, 0xf1, 1, 8, tag, ...attestation))
    expect(Buffer.from(bitcoin.get(7)![0]!)).toEqual(operation(Uint8Array.of(8, ...zeros, 9)))
  })
})

function hashed(name: string) {
  return (message: Uint8Array) => createHash(name).update(message).digest()
}
