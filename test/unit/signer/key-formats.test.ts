import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { exportPublicKey, importPublicKey, Signer, type PrivateJwk } from '../../../src/signer/index'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const der = (pem: string): Uint8Array => new Uint8Array(Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64'))

/** RFC 8410 section 10: a public key, its private key, and the same with an attribute and the public key. */
const SPKI_PEM = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`
const PKCS8_PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`
const PKCS8_WITH_PUBLIC_KEY = `-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
`
const RFC_8410_KEY = '19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1'

/** RFC 8037 appendix A.1. */
const JWK: PrivateJwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}

describe('the examples of the RFCs', () => {
  test.each([
    ['PKCS #8 text', PKCS8_PEM],
    ['PKCS #8 text with attributes and public key', PKCS8_WITH_PUBLIC_KEY],
    ['PKCS #8 bytes', der(PKCS8_PEM)],
    ['PKCS #8 bytes with attributes and public key', der(PKCS8_WITH_PUBLIC_KEY)],
  ])('RFC 8410: %s', async (_, key) => {
    const signer = await Signer.importKey(key)
    expect(hex(signer.publicKey)).toBe(RFC_8410_KEY)
    expect(await signer.exportKey('pem')).toBe(PKCS8_PEM)
    expect(await signer.exportKey('pkcs8')).toEqual(der(PKCS8_PEM))
  })

  test('RFC 8410: the public key', () => {
    for (const key of [SPKI_PEM, der(SPKI_PEM)]) expect(hex(unwrap(importPublicKey(key)))).toBe(RFC_8410_KEY)
    expect(exportPublicKey(unhex(RFC_8410_KEY), 'pem')).toBe(SPKI_PEM)
    expect(exportPublicKey(unhex(RFC_8410_KEY), 'spki')).toEqual(der(SPKI_PEM))
  })

  test('RFC 8037: the key, and the signature of appendix A.4', async () => {
    const signer = await Signer.importKey({ ...JWK, kid: 'ignored' } as PrivateJwk)
    expect(await signer.exportKey('jwk')).toEqual(JWK)
    const { d: _, ...publicJwk } = JWK
    expect(exportPublicKey(signer.publicKey, 'jwk')).toEqual(publicJwk)
    expect(unwrap(importPublicKey(publicJwk))).toEqual(signer.publicKey)
    const input = new TextEncoder().encode('eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc')
    expect(Buffer.from(await signer.sign(input)).toString('base64url')).toBe(
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    )
  })
})

describe('OpenSSL', () => {
  test('reads what we write', async () => {
    const signer = await Signer.generate()
    const forms = [
      createPrivateKey(await signer.exportKey('pem')),
      createPrivateKey({ key: Buffer.from(await signer.exportKey('pkcs8')), format: 'der', type: 'pkcs8' }),
      createPrivateKey({ key: { ...(await signer.exportKey('jwk')) }, format: 'jwk' }),
    ]
    for (const key of forms)
      expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(key.export({ format: 'jwk' }).x)
    const spki = createPublicKey(exportPublicKey(signer.publicKey, 'pem')).export({ format: 'der', type: 'spki' })
    expect(new Uint8Array(spki)).toEqual(exportPublicKey(signer.publicKey, 'spki'))
  })

  test('is read by us', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
    for (const key of [
      privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
      privateKey.export({ format: 'der', type: 'pkcs8' }),
      privateKey.export({ format: 'jwk' }) as PrivateJwk,
    ]) {
      expect((await Signer.importKey(key)).publicKey).toEqual(unwrap(importPublicKey(spki)))
    }
  })
})

describe('what is refused as bad-key-format', () => {
  const { privateKey: x25519, publicKey: x25519Public } = generateKeyPairSync('x25519')
  const { privateKey: p256 } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const seed = 'd4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842'
  const [head, named] = ['302e0201003005 06032b6570 0422 0420', `8121 00 ${RFC_8410_KEY}`]

  test.each<[string, unknown]>([
    ['an X25519 key', x25519.export({ format: 'pem', type: 'pkcs8' })],
    ['a P-256 key', p256.export({ format: 'pem', type: 'pkcs8' })],
    ['a public key', SPKI_PEM],
    ['a P-256 JWK', p256.export({ format: 'jwk' })],
    ['a public JWK', { ...JWK, d: undefined }],
    ['a JWK of another curve', { ...JWK, crv: 'X25519' }],
    ['a JWK whose x is another key', { ...JWK, x: `${JWK.x.slice(0, -2)}Qo` }],
    ['a JWK without x', { ...JWK, x: undefined }],
    ['a JWK with padding', { ...JWK, d: `${JWK.d}=` }],
    ['a JWK with a short d', { ...JWK, d: JWK.d.slice(0, -4) }],
    ['another label', PKCS8_PEM.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')],
    ['text cut short', PKCS8_PEM.slice(0, 70)],
    ['text in which a character is none of base64', PKCS8_PEM.replace('MC4', 'M!4')],
    ['two documents', PKCS8_PEM + PKCS8_PEM],
    ['a bare seed', unhex(seed)],
    ['nothing', new Uint8Array(0)],
    ['an empty text', ''],
    ['a trailing byte', Uint8Array.of(...der(PKCS8_PEM), 0)],
    ['a trailing element', unhex(`3030020100300506032b657004220420${seed}0500`)],
    ['a long length where the short one would do', unhex(`30812e020100300506032b657004220420${seed}`)],
    ['an indefinite length', unhex(`3080020100300506032b657004220420${seed}0000`)],
    ['a length beyond the bytes', unhex(`${head.replace('302e', '302f')}${seed}`)],
    ['version 2', unhex(`${head.replace('0201 00', '').replace('020100', '020102')}${seed}`)],
    ['parameters of the algorithm', unhex(`3030020100300706032b6570050004220420${seed}`)],
    ['a seed of 31 bytes', unhex(`302d020100300506032b65700421041f${seed.slice(2)}`)],
    ['a public key in version 0', unhex(`3051020100300506032b657004220420${seed}${named}`)],
    ['another public key', unhex(`3051020101300506032b657004220420${seed}${named.replace('19bf', '18bf')}`)],
    ['very long text', `-----BEGIN PRIVATE KEY-----${'A'.repeat(1_000_000)}-----END PRIVATE KEY-----`],
    ['a number', 7],
    ['nothing at all', undefined],
  ])('as a private key, without quoting it: %s', async (_, key) => {
    const error: unknown = await Signer.importKey(key as string).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ name: 'CosmicError', code: 'bad-key-format' })
    expect(inspect(error)).not.toMatch(/1O5y2|nWGxne|d4ee72|212, 238/)
  })

  test.each<[string, unknown]>([
    ['an X25519 key', x25519Public.export({ format: 'pem', type: 'spki' })],
    ['a private key', PKCS8_PEM],
    ['a private key as DER', der(PKCS8_PEM)],
    ['unused bits', der(SPKI_PEM).with(11, 1)],
    ['a trailing byte', Uint8Array.of(...der(SPKI_PEM), 0)],
    ['a JWK without x', { kty: 'OKP', crv: 'Ed25519' }],
    ['nothing', undefined],
  ])('as a public key: %s', (_, key) => {
    expect(importPublicKey(key as string)).toMatchObject({ ok: false, error: { code: 'bad-key-format' } })
  })

  test('every cut and every changed byte of the frame', async () => {
    const whole = der(PKCS8_WITH_PUBLIC_KEY)
    for (let length = 0; length < whole.length; length++) {
      await expect(Signer.importKey(whole.subarray(0, length))).rejects.toMatchObject({ code: 'bad-key-format' })
    }
    for (let at = 0; at < 16; at++) {
      await expect(Signer.importKey(whole.with(at, whole[at]! ^ 0x40))).rejects.toMatchObject({
        code: 'bad-key-format',
      })
    }
  })

  test('any bytes or text at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.object()), key => {
        expect(importPublicKey(key as never)).toMatchObject({ ok: false, error: { code: 'bad-key-format' } })
      }),
      { numRuns: 300 },
    )
  })
})

test('another format than those listed, and a key of another length, are refused', async () => {
  const signer = await Signer.generate()
  await expect(signer.exportKey('toString' as 'pem')).rejects.toMatchObject({ code: 'bad-value', field: 'format' })
  expect(() => exportPublicKey(signer.publicKey, 'der' as 'pem')).toThrowError(
    expect.objectContaining({ code: 'bad-value' }),
  )
  expect(() => exportPublicKey(new Uint8Array(31), 'pem')).toThrowError(
    expect.objectContaining({ code: 'wrong-length' }),
  )
})
