import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Signer } from '../../../src/signer/index'
import { deriveSlip10 } from '../../../src/signer/phrase'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const words = (count: number, word: string, last: string): string =>
  [...Array<string>(count).fill(word), last].join(' ')

/** BIP-39's own phrases of 24 words, and what Python's hashlib and hmac derive from them by docs/spec/keys.md. */
const PHRASES = [
  {
    phrase: words(23, 'abandon', 'art'),
    signing: 'a9c385bac0f3a24d68eba1fecb97622600a32835264f13aeb988663d268b7037',
    recovery: 'd69873501bfe556951afdaf6a1b9aded1478780a5285b3ebcfcc34e83d62eb57',
  },
  {
    phrase: words(23, 'zoo', 'vote'),
    signing: 'f50dd33b1f96c8e6d60241e3d15610c97c1cc31c02fcfea5818bc37d123a53b9',
    recovery: '7b48401af22e8b03d417d91622705f0d7ccd5e693cbd03c163f1cac0d66540a2',
  },
]

describe('a recovery phrase', () => {
  test.each(PHRASES)('gives the keys of docs/spec/keys.md: $phrase', async ({ phrase, signing, recovery }) => {
    expect(hex((await Signer.fromPhrase(phrase)).publicKey)).toBe(signing)
    expect(hex((await Signer.fromPhrase(phrase, { role: 'signing' })).publicKey)).toBe(signing)
    expect(hex((await Signer.fromPhrase(phrase, { role: 'recovery' })).publicKey)).toBe(recovery)
  })

  test('is read whatever its case and spacing', async () => {
    const { phrase, signing } = PHRASES[0]!
    const copied = `\n  ${phrase.toUpperCase().replaceAll(' ', ' \t\n ')} `
    expect(hex((await Signer.fromPhrase(copied)).publicKey)).toBe(signing)
  })

  test('is made of 24 words with 256 bits of the given randomness', async () => {
    const [one, other] = [await Signer.generatePhrase(), await Signer.generatePhrase()]
    expect(one.split(' ')).toHaveLength(24)
    expect(one).not.toBe(other)
    expect((await Signer.fromPhrase(one)).did).toBe((await Signer.fromPhrase(one)).did)
    const random = { bytes: (length: number) => new Uint8Array(length) }
    expect(await Signer.generatePhrase({ random })).toBe(PHRASES[0]!.phrase)
  })

  const { phrase } = PHRASES[0]!
  test.each<[string, unknown]>([
    ['another checksum', words(23, 'abandon', 'zoo')],
    ['two words exchanged', phrase.replace(/^(.*) (\w+)$/, '$2 $1')],
    ['a word outside the list', phrase.replace('abandon', 'secretword')],
    ['12 words, a phrase of 128 bits', words(11, 'abandon', 'about')],
    ['23 words', words(22, 'abandon', 'art')],
    ['25 words', `${phrase} abandon`],
    ['nothing', ''],
    ['very long text', 'abandon '.repeat(1_000_000)],
    ['no text', undefined],
  ])('is refused as bad-phrase, which quotes none of it: %s', async (_, wrong) => {
    const error: unknown = await Signer.fromPhrase(wrong as string).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ name: 'CosmicError', code: 'bad-phrase', limit: 24 })
    expect(inspect(error)).not.toMatch(/abandon|secretword|\bart\b/)
  })

  test('tells which word is not in the list', async () => {
    const wrong = phrase.split(' ').with(6, 'abadon').join(' ')
    await expect(Signer.fromPhrase(wrong)).rejects.toMatchObject({ hint: expect.stringContaining('word 7 ') })
  })
})

/** Test vector 1 of SLIP-0010 for ed25519. */
test.each([
  [[], '2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7'],
  [[0], '68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3'],
  [[0, 1], 'b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2'],
  [[0, 1, 2], '92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9'],
  [[0, 1, 2, 2, 1_000_000_000], '8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793'],
])('derivation follows SLIP-0010 along %j', (path, key) => {
  expect(
    hex(
      deriveSlip10(
        Uint8Array.from({ length: 16 }, (_, i) => i),
        path,
      ),
    ),
  ).toBe(key)
})
