import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encryptedFileKeyStore, fileKeyStore } from '../../../src/adapters/keystore/file'
import { Signer } from '../../../src/signer/index'

let directory: string
let path: string
const store = (passphrase = 'open sesame') => encryptedFileKeyStore(path, passphrase, { cost: 14 })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keystore-'))
  path = join(directory, 'agent.key')
})
afterEach(() => rm(directory, { recursive: true }))

describe('encryptedFileKeyStore', () => {
  test('keeps an identity across restarts, readable by its owner only, with nothing left beside it', async () => {
    const signer = await Signer.loadOrGenerate(store())
    expect((await Signer.load(store())).did).toBe(signer.did)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual(['agent.key'])
    await signer.save(store())
  })

  test('tells a wrong passphrase from a damaged file, and changes neither', async () => {
    await Signer.loadOrGenerate(store())
    const whole = await readFile(path)
    for (const open of [Signer.load, Signer.loadOrGenerate]) {
      const error: unknown = await open(store('guess')).catch((cause: unknown) => cause)
      expect(error).toMatchObject({ name: 'CosmicError', code: 'wrong-passphrase', field: path })
      expect(inspect(error)).not.toMatch(/guess|sesame/)
    }
    expect(await readFile(path)).toEqual(whole)
    for (const damaged of [whole.subarray(0, 100), Buffer.from(whole).fill(0, 70, 71), Buffer.alloc(0)]) {
      await writeFile(path, damaged)
      await expect(Signer.loadOrGenerate(store())).rejects.toMatchObject({ code: 'damaged-key', field: path })
      expect(await readFile(path)).toEqual(damaged)
    }
  })

  test('never replaces another identity, nor one that its passphrase does not open', async () => {
    const signer = await Signer.loadOrGenerate(store())
    const other = await Signer.generate()
    await expect(other.save(store())).rejects.toMatchObject({ code: 'identity-exists', field: path })
    await expect(other.save(store('guess'))).rejects.toMatchObject({ code: 'wrong-passphrase' })
    expect((await Signer.load(store())).did).toBe(signer.did)
  })

  test('and the plain store refuse each other’s files', async () => {
    await Signer.loadOrGenerate(store())
    await expect(Signer.load(fileKeyStore(path))).rejects.toMatchObject({ code: 'bad-seed', field: path })
    await rm(path)
    await Signer.loadOrGenerate(fileKeyStore(path))
    await expect(Signer.load(store())).rejects.toMatchObject({ code: 'damaged-key', field: path })
  })

  test('reads no more of a huge file than a key could have', async () => {
    await writeFile(path, '')
    await truncate(path, 2 ** 34)
    const before = process.memoryUsage().arrayBuffers
    await expect(Signer.load(store())).rejects.toMatchObject({ code: 'damaged-key' })
    await expect(Signer.load(fileKeyStore(path))).rejects.toMatchObject({ code: 'bad-seed' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22)
  })

  test('shows its passphrase to nobody', () => {
    const shown = inspect(store(), { showHidden: true, depth: Infinity }) + JSON.stringify(store())
    expect(shown).not.toContain('sesame')
  })
})
