import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { toHex } from 'multiformats/bytes'
import { expect, onTestFinished, test } from 'vitest'
import { fileKeyStore } from '../../../src/adapters/keystore/file'
import { toBase64url, utf8 } from '../../../src/base/index'
import { EncryptionKey, encryptTo, type KeyStore } from '../../../src/signer/index'

const context = { info: utf8('info'), aad: utf8('aad') }

test('decrypts what was encrypted to its public key, and nothing else', async () => {
  const [key, other] = [await EncryptionKey.generate(), await EncryptionKey.generate()]
  const message = await encryptTo(key.publicKey, context, utf8('secret'))
  expect(await key.decrypt(message, context)).toEqual(utf8('secret'))
  expect(await other.decrypt(message, context)).toBeUndefined()
  expect(await key.decrypt(message, { ...context, aad: utf8('other') })).toBeUndefined()
  expect(await key.decrypt({ ...message, enc: new Uint8Array(3) }, context)).toBeUndefined()
})

test('two messages of one text differ', async () => {
  const { publicKey } = await EncryptionKey.generate()
  const [a, b] = [await encryptTo(publicKey, context, utf8('x')), await encryptTo(publicKey, context, utf8('x'))]
  expect(a.enc).not.toEqual(b.enc)
  expect(a.ciphertext).not.toEqual(b.ciphertext)
})

test('a key that is no usable point is refused', async () => {
  await expect(encryptTo(new Uint8Array(32), context, utf8('x'))).rejects.toMatchObject({ code: 'bad-value' })
})

test('outlives the process in a store of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'encryption-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = fileKeyStore(join(folder, 'encryption.key'))
  const key = await EncryptionKey.loadOrGenerate(store)
  expect((await EncryptionKey.loadOrGenerate(store)).publicKey).toEqual(key.publicKey)
  expect((await EncryptionKey.load(store)).publicKey).toEqual(key.publicKey)
  await expect((await EncryptionKey.generate()).save(store)).rejects.toMatchObject({ code: 'identity-exists' })
})

test('an empty store and a seed of another length are refused', async () => {
  const empty: KeyStore = { load: async () => undefined, save: async () => undefined }
  await expect(EncryptionKey.load(empty)).rejects.toMatchObject({ code: 'no-identity' })
  await expect(EncryptionKey.fromSeed(new Uint8Array(31))).rejects.toMatchObject({ code: 'bad-seed', limit: 32 })
})

test('shows its secret nowhere, and keeps a copy of it', async () => {
  const seed = new Uint8Array(32).fill(0xab)
  const key = await EncryptionKey.fromSeed(seed)
  seed.fill(0)
  expect((await EncryptionKey.fromSeed(new Uint8Array(32).fill(0xab))).publicKey).toEqual(key.publicKey)
  const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)
  const secret = new Uint8Array(32).fill(0xab)
  for (const form of [toHex(secret), toBase64url(secret), '171, 171', '171,171']) expect(shown).not.toContain(form)
})
