import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CosmicError, toBase64url } from '../../../src/base/index'
import { didKey, parseDidKey, Signer, verifySignature, type KeyStore } from '../../../src/signer/index'

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** RFC 8032 section 7.1, tests 1 to 3. */
const VECTORS = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
]

class MemoryKeyStore implements KeyStore {
  seed: Uint8Array | undefined
  async load(): Promise<Uint8Array | undefined> {
    return this.seed
  }
  async save(seed: Uint8Array): Promise<void> {
    this.seed = seed
  }
}

describe('Signer', () => {
  test.each(VECTORS)('derives and signs as RFC 8032 says ($message)', async vector => {
    const signer = await Signer.fromSeed(unhex(vector.seed))
    expect(hex(signer.publicKey)).toBe(vector.publicKey)
    const signature = await signer.sign(unhex(vector.message))
    expect(hex(signature)).toBe(vector.signature)
    expect(await verifySignature(signer.publicKey, unhex(vector.message), signature)).toBe(true)
  })

  test('generates different identities, or the same from the same randomness', async () => {
    const [a, b] = [await Signer.generate(), await Signer.generate()]
    expect(a.did).not.toBe(b.did)
    const random = { bytes: (length: number) => new Uint8Array(length).fill(9) }
    expect((await Signer.generate({ random })).did).toBe((await Signer.generate({ random })).did)
  })

  test('survives a restart through a key store', async () => {
    const keyStore = new MemoryKeyStore()
    const signer = await Signer.generate()
    await signer.save(keyStore)
    expect((await Signer.load(keyStore)).did).toBe(signer.did)
    expect((await Signer.loadOrGenerate(keyStore)).did).toBe(signer.did)
  })

  test('generates and saves only where the store is empty', async () => {
    const keyStore = new MemoryKeyStore()
    await expect(Signer.load(keyStore)).rejects.toMatchObject({ name: 'CosmicError', code: 'no-identity' })
    const signer = await Signer.loadOrGenerate(keyStore)
    expect((await Signer.load(keyStore)).did).toBe(signer.did)
  })

  test.each([0, 31, 33, 64])('refuses a seed of %i bytes', async length => {
    await expect(Signer.fromSeed(new Uint8Array(length))).rejects.toMatchObject({ code: 'bad-seed', limit: 32 })
  })

  test('does not follow later changes to the seed it was given or has saved', async () => {
    const seed = unhex(VECTORS[0]!.seed)
    const signer = await Signer.fromSeed(seed)
    seed.fill(0)
    const keyStore = new MemoryKeyStore()
    await signer.save(keyStore)
    keyStore.seed!.fill(0)
    expect(hex(await signer.sign(new Uint8Array(0)))).toBe(VECTORS[0]!.signature)
  })

  test('never shows its seed', async () => {
    const seed = unhex(VECTORS[0]!.seed)
    const signer = await Signer.fromSeed(seed)
    const shown = [
      inspect(signer, { showHidden: true, depth: Infinity, getters: true }),
      JSON.stringify(signer),
      String(signer),
      Object.values(signer).map(String).join(),
      Reflect.ownKeys(signer).map(String).join(),
    ].join('\n')
    for (const form of [VECTORS[0]!.seed, toBase64url(seed), [...seed].join(), [...seed].join(', '), '"0":157']) {
      expect(shown).not.toContain(form)
    }
    const error = await Signer.fromSeed(seed.subarray(1)).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(CosmicError)
    expect(inspect(error)).not.toContain(VECTORS[0]!.seed.slice(2, 20))
  })
})

describe('did:key', () => {
  test('names the key of the specification’s example', () => {
    const did = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
    const parsed = parseDidKey(did)
    expect(parsed.ok && didKey(parsed.value)).toBe(did)
    expect(parsed.ok && hex(parsed.value)).toBe('2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6')
  })

  test.each([
    ['nothing', ''],
    ['another method', 'did:web:example.org'],
    ['another multibase', 'did:key:f6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'],
    ['a cut name', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do'],
    ['a character outside base58', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do0'],
    ['an X25519 key', 'did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc'],
    ['a fragment', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#key'],
    ['very long text', `did:key:z${'6'.repeat(1_000_000)}`],
  ])('refuses %s as bad-did', (_, did) => {
    expect(parseDidKey(did)).toMatchObject({ ok: false, error: { code: 'bad-did' } })
  })
})
