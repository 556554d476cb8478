import { scryptSync } from 'node:crypto'
import { inspect } from 'node:util'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../src/platform/node'
import { decryptSeed, encryptSeed } from '../../../src/signer/index'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i + 100)
const cost = 14
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const failure = (step: Promise<unknown>): Promise<unknown> => step.catch((cause: unknown) => cause)
/** The same bytes, changed, under a checksum that fits: what somebody would write on purpose. */
const forged = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const changed = bytes.with(at, value)
  changed.set(sha256(changed.subarray(0, 113)), 113)
  return changed
}

let kept: Uint8Array
beforeAll(async () => {
  kept = await encryptSeed(seed, 'open sesame', { cost })
})

describe('an encrypted seed', () => {
  test('opens with its passphrase, composed or decomposed', async () => {
    expect(await decryptSeed(kept, 'open sesame')).toEqual(seed)
    const accented = await encryptSeed(seed, 'caf\u00e9', { cost })
    expect(await decryptSeed(accented, 'cafe\u0301')).toEqual(seed)
  })

  test('stands as docs/spec/keys.md says, by OpenSSL’s scrypt', () => {
    expect(kept.length).toBe(145)
    expect(Buffer.from(kept.subarray(0, 24)).toString()).toBe('cosmic-embeddings key 1\n')
    expect(kept[24]).toBe(cost)
    const [salt, nonce, box] = [kept.slice(25, 41), kept.slice(41, 65), kept.slice(65, 113)]
    const key = scryptSync('open sesame', salt, 32, { N: 2 ** cost, r: 8, p: 1 })
    expect(xchacha20poly1305(new Uint8Array(key), nonce, kept.slice(0, 65)).decrypt(box)).toEqual(seed)
    expect(kept.subarray(113)).toEqual(sha256(kept.subarray(0, 113)))
  })

  test('is different each time', async () => {
    const again = await encryptSeed(seed, 'open sesame', { cost })
    expect(hex(again.subarray(25, 113))).not.toBe(hex(kept.subarray(25, 113)))
  })

  test('names neither the seed nor the passphrase', () => {
    expect(hex(kept)).not.toContain(hex(seed.subarray(0, 8)))
    expect(Buffer.from(kept).toString('latin1')).not.toContain('sesame')
  })
})

describe('is refused', () => {
  test('with another passphrase as wrong-passphrase', async () => {
    const error = await failure(decryptSeed(kept, 'open sesam'))
    expect(error).toMatchObject({ name: 'CosmicError', code: 'wrong-passphrase' })
    expect(inspect(error)).not.toMatch(/sesam|100, 101/)
  })

  test('when any byte is damaged, cut or added, as damaged-key, without trying the passphrase', async () => {
    for (let at = 0; at < kept.length; at++) {
      await expect(decryptSeed(kept.with(at, kept[at]! ^ 1), 'open sesame')).rejects.toMatchObject({
        code: 'damaged-key',
      })
    }
    for (const bytes of [kept.subarray(1), kept.subarray(0, 144), Uint8Array.of(...kept, 0), new Uint8Array(0)]) {
      await expect(decryptSeed(bytes, 'open sesame')).rejects.toMatchObject({ code: 'damaged-key' })
    }
    await expect(decryptSeed(undefined as unknown as Uint8Array, 'x')).rejects.toMatchObject({ code: 'damaged-key' })
  })

  test.each([0, 13, 19, 20, 30, 63, 255])('when it asks for a cost of %i, before any work', async asked => {
    const started = process.memoryUsage().arrayBuffers
    await expect(decryptSeed(forged(kept, 24, asked), 'open sesame')).rejects.toMatchObject({
      code: 'damaged-key',
      hint: expect.stringContaining('14 … 18'),
    })
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(8 * 2 ** 20)
  })

  test('when the header was changed on purpose, since it is authenticated', async () => {
    for (const at of [25, 41, 65, 112]) {
      await expect(decryptSeed(forged(kept, at, kept[at]! ^ 1), 'open sesame')).rejects.toMatchObject({
        code: 'wrong-passphrase',
      })
    }
    await expect(decryptSeed(forged(kept, 24, 15), 'open sesame')).rejects.toMatchObject({ code: 'wrong-passphrase' })
  })

  test('without a passphrase, with another seed length or a cost outside the bounds', async () => {
    for (const passphrase of ['', undefined as unknown as string]) {
      await expect(encryptSeed(seed, passphrase)).rejects.toMatchObject({ code: 'bad-value', field: 'passphrase' })
      await expect(decryptSeed(kept, passphrase)).rejects.toMatchObject({ code: 'bad-value', field: 'passphrase' })
    }
    await expect(encryptSeed(seed.subarray(1), 'x')).rejects.toMatchObject({ code: 'bad-seed', limit: 32 })
    for (const wrong of [13, 19, 14.5, Number.NaN]) {
      await expect(encryptSeed(seed, 'x', { cost: wrong })).rejects.toMatchObject({
        code: 'out-of-range',
        field: 'cost',
      })
    }
  })
})
