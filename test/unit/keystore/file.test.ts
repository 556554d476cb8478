import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileKeyStore } from '../../../src/adapters/keystore/file'
import { Signer } from '../../../src/signer/index'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keystore-'))
  path = join(directory, 'deep', 'agent.key')
})
afterEach(() => rm(directory, { recursive: true }))

describe('fileKeyStore', () => {
  test('keeps an identity across restarts, readable by its owner only, with nothing left beside it', async () => {
    const signer = await Signer.loadOrGenerate(fileKeyStore(path))
    expect((await Signer.load(fileKeyStore(path))).did).toBe(signer.did)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(directory, 'deep'))).toEqual(['agent.key'])
  })

  test('is empty before the first save', async () => {
    expect(await fileKeyStore(path).load()).toBeUndefined()
    await expect(Signer.load(fileKeyStore(path))).rejects.toMatchObject({ code: 'no-identity' })
  })

  test('saves the same identity twice and never replaces it by another', async () => {
    const signer = await Signer.loadOrGenerate(fileKeyStore(path))
    await signer.save(fileKeyStore(path))
    const other = await Signer.generate()
    await expect(other.save(fileKeyStore(path))).rejects.toMatchObject({ code: 'identity-exists', field: path })
    expect((await Signer.load(fileKeyStore(path))).did).toBe(signer.did)
    expect(await readdir(join(directory, 'deep'))).toEqual(['agent.key'])
  })

  test('of several that save at once one wins, and the others are told', async () => {
    const signers = await Promise.all(Array.from({ length: 6 }, () => Signer.generate()))
    const outcomes = await Promise.allSettled(signers.map(signer => signer.save(fileKeyStore(path))))
    const winners = signers.filter((_, i) => outcomes[i]!.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    expect((await Signer.load(fileKeyStore(path))).did).toBe(winners[0]!.did)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'identity-exists' })
    }
  })

  test('refuses a damaged file and leaves it as it is', async () => {
    await Signer.loadOrGenerate(fileKeyStore(path))
    const whole = await readFile(path, 'utf8')
    const { did, seed } = JSON.parse(whole) as { did: string; seed: string }
    const damages = [
      '',
      whole.slice(0, 40),
      '[]',
      'null',
      whole.replace('/key/1', '/key/2'),
      whole.replace(seed, `${seed[0] === 'A' ? 'B' : 'A'}${seed.slice(1)}`),
      whole.replace(seed, seed.slice(4)),
      whole.replace(did, 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'),
    ]
    for (const damaged of damages) {
      await writeFile(path, damaged)
      const error = await Signer.load(fileKeyStore(path)).catch((cause: unknown) => cause)
      expect(error).toMatchObject({ name: 'CosmicError', code: 'bad-seed', field: path })
      expect(String(error)).not.toContain(seed.slice(4))
      await expect(Signer.loadOrGenerate(fileKeyStore(path))).rejects.toMatchObject({ code: 'bad-seed' })
      expect(await readFile(path, 'utf8')).toBe(damaged)
    }
  })

  test('reports trouble with the file system as storage, with its cause', async () => {
    await mkdir(path, { recursive: true })
    const error = await Signer.load(fileKeyStore(path)).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'storage', field: path, hint: 'EISDIR', cause: { code: 'EISDIR' } })
    await chmod(path, 0o700)
    const below = fileKeyStore(join(path, 'x'.repeat(300)))
    await expect((await Signer.generate()).save(below)).rejects.toMatchObject({ code: 'storage', hint: 'ENAMETOOLONG' })
  })
})
