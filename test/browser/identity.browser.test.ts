import { expect, test } from 'vitest'
import { indexedDbKeyStore } from '../../src/adapters/keystore/indexeddb'
import { createBlock, openBlock } from '../../src/block/index'
import { unwrap } from '../../src/base/index'
import { nativeEd25519 } from '../../src/platform/browser'
import { testedNative } from '../../src/signer/native'
import { Signer, verifySignature } from '../../src/signer/index'

test('an identity survives in IndexedDB and is never replaced by another', async () => {
  const name = `identity-${crypto.randomUUID()}`
  await expect(Signer.load(indexedDbKeyStore(name))).rejects.toMatchObject({ code: 'no-identity' })
  const signer = await Signer.loadOrGenerate(indexedDbKeyStore(name))
  expect((await Signer.load(indexedDbKeyStore(name))).did).toBe(signer.did)
  await signer.save(indexedDbKeyStore(name))
  const other = await Signer.generate()
  await expect(other.save(indexedDbKeyStore(name))).rejects.toMatchObject({ code: 'identity-exists', field: name })
  expect((await Signer.load(indexedDbKeyStore(name))).did).toBe(signer.did)
  indexedDB.deleteDatabase(name)
})

test('a database that holds no seed is refused as bad-seed', async () => {
  const name = `identity-${crypto.randomUUID()}`
  const keyStore = indexedDbKeyStore(name)
  await keyStore.save(new Uint8Array(5))
  await expect(Signer.load(keyStore)).rejects.toMatchObject({ code: 'bad-seed', field: name })
  indexedDB.deleteDatabase(name)
})

test('blocks are signed and verified by WebCrypto, which passes the self-test', async () => {
  expect(nativeEd25519).toBeDefined()
  expect(Object.keys(await testedNative()).sort()).toEqual(['sign', 'verify'])
  const signer = await Signer.generate()
  const block = await createBlock(
    { embedding: [1, 2], model: 'acme:embed-1', place: { latitude: 1, longitude: 2 } },
    signer,
  )
  const { publicKey, toBeSigned, signature } = unwrap(openBlock(block.bytes))
  expect(await verifySignature(publicKey, toBeSigned, signature)).toBe(true)
  signature[40]! ^= 1
  expect(await verifySignature(publicKey, toBeSigned, signature)).toBe(false)
})
