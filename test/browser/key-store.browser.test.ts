import { afterEach, describe, expect, test } from 'vitest'
import { indexedDbIdentity, indexedDbKeyStore } from '../../src/adapters/keystore/indexeddb'
import { openDatabase } from '../../src/adapters/keystore/indexeddb/database'
import { createBlock } from '../../src/block/index'
import { decryptSeed, encryptSeed, Signer, verifySignature } from '../../src/signer/index'
import { CosmicValidator } from '../../src/validate/index'

const subtle = crypto.subtle
const names: string[] = []
const newName = (): string => {
  names.push(`key-${crypto.randomUUID()}`)
  return names.at(-1)!
}
const restoreWebCrypto = () => Object.defineProperty(crypto, 'subtle', { value: subtle, configurable: true })
afterEach(() => {
  restoreWebCrypto()
  names.splice(0).forEach(name => indexedDB.deleteDatabase(name))
})
const kept = (name: string) => openDatabase(name).get('pair') as Promise<{ privateKey: CryptoKey } | undefined>

describe('indexedDbIdentity', () => {
  test('is made once, signs, and survives', async () => {
    const name = newName()
    const identity = await indexedDbIdentity({ name })
    expect(identity.extractable).toBe(false)
    expect((await indexedDbIdentity({ name })).did).toBe(identity.did)
    const block = await createBlock({ embedding: [1, 2], model: 'acme:embed-1' }, await indexedDbIdentity({ name }))
    expect(block.author).toBe(identity.did)
    expect(await new CosmicValidator().validate(block.bytes)).toMatchObject({ status: 'valid', admitted: true })
  })

  test('keeps its private key from scripts', async () => {
    const name = newName()
    const identity = await indexedDbIdentity({ name })
    const { privateKey } = (await kept(name))!
    expect(privateKey.extractable).toBe(false)
    for (const format of ['pkcs8', 'jwk', 'raw'] as const) {
      await expect(subtle.exportKey(format, privateKey)).rejects.toThrow()
    }
    expect(Object.keys(identity).sort()).toEqual(['did', 'extractable', 'publicKey', 'sign'])
  })

  test('opened several times at once is one identity', async () => {
    const name = newName()
    const dids = await Promise.all(Array.from({ length: 5 }, async () => (await indexedDbIdentity({ name })).did))
    expect(new Set(dids).size).toBe(1)
  })

  test('can be one from a recovery phrase, and is never replaced by another', async () => {
    const name = newName()
    const from = await Signer.fromPhrase(await Signer.generatePhrase())
    const identity = await indexedDbIdentity({ name, from })
    expect(identity).toMatchObject({ did: from.did, extractable: false })
    const message = new Uint8Array([1, 2, 3])
    expect(await identity.sign(message)).toEqual(await from.sign(message))
    expect((await indexedDbIdentity({ name, from })).did).toBe(from.did)
    const other = await Signer.generate()
    await expect(indexedDbIdentity({ name, from: other })).rejects.toMatchObject({
      code: 'identity-exists',
      field: name,
    })
    expect((await indexedDbIdentity({ name })).did).toBe(from.did)
  })

  test('what does not sign is damaged-key, and is left as it is', async () => {
    const [one, other] = [newName(), newName()]
    await indexedDbIdentity({ name: one })
    await openDatabase(one).update('pair', pair => ({ ...(pair as object), publicKey: new Uint8Array(32).fill(9) }))
    await openDatabase(other).update('pair', () => 'a text')
    for (const name of [one, other]) {
      await expect(indexedDbIdentity({ name })).rejects.toMatchObject({ code: 'damaged-key', field: name })
      expect(await kept(name)).toBeDefined()
    }
  })

  test.each<[string, object | undefined]>([
    ['there is no WebCrypto', undefined],
    ['WebCrypto has no Ed25519', { generateKey: () => Promise.reject(new DOMException('', 'NotSupportedError')) }],
  ])('falls back to a seed, and says so, where %s', async (_, value) => {
    Object.defineProperty(crypto, 'subtle', { value, configurable: true })
    const name = newName()
    const identity = await indexedDbIdentity({ name })
    expect(identity.extractable).toBe(true)
    const again = await indexedDbIdentity({ name })
    expect(again.did).toBe(identity.did)
    restoreWebCrypto()
    expect(await verifySignature(again.publicKey, new Uint8Array(1), await again.sign(new Uint8Array(1)))).toBe(true)
    expect((await Signer.load(indexedDbKeyStore(name))).did).toBe(identity.did)
  })
})

test('an encrypted seed opens in the browser too', async () => {
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const bytes = await encryptSeed(seed, 'open sesame', { cost: 14 })
  expect(await decryptSeed(bytes, 'open sesame')).toEqual(seed)
  await expect(decryptSeed(bytes, 'sesame')).rejects.toMatchObject({ code: 'wrong-passphrase' })
})
