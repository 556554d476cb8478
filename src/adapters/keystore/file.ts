import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CosmicError, equal, fromBase64url, toBase64url } from '../../base/index'
import { Signer, type KeyStore } from '../../signer/index'

const FORMAT = 'cosmic-embeddings/key/1'

/** Codes of file systems that know no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'])

/**
 * Keeps an identity in a file that only its owner may read (mode 0600 where the system has modes). The file appears whole
 * or not at all, is never replaced by another identity (`identity-exists`), and is refused as `bad-seed` when it is damaged:
 * it names the did:key of its seed, which must fit. Other trouble with the file is `storage`, with the system's error as cause.
 *
 * @example
 * ```ts
 * import { Signer } from 'cosmic-embeddings'
 * import { fileKeyStore } from 'cosmic-embeddings/keystore/file'
 *
 * const signer = await Signer.loadOrGenerate(fileKeyStore('agent.key'))
 * ```
 */
export function fileKeyStore(path: string): KeyStore {
  const load = (): Promise<Uint8Array | undefined> => loadSeed(path)
  return {
    load,
    async save(seed) {
      const { did } = await Signer.fromSeed(seed)
      if (await isKept(load, seed, path)) return
      const content = `${JSON.stringify({ format: FORMAT, did, seed: toBase64url(seed) })}\n`
      const appeared = await asStorageError(path, () => writeWhole(path, content))
      if (!appeared && !(await isKept(load, seed, path))) throw new CosmicError({ code: 'storage', field: path })
    },
  }
}

async function loadSeed(path: string): Promise<Uint8Array | undefined> {
  const content = await asStorageError(path, () => readFile(path, 'utf8').catch(absent))
  if (content === undefined) return undefined
  const seed = await readSeed(content)
  if (seed !== undefined) return seed
  throw new CosmicError({ code: 'bad-seed', field: path, hint: 'the key file is damaged; restore it from a backup' })
}

/** Whether the file holds this very identity; rejects when it holds another. */
async function isKept(load: KeyStore['load'], seed: Uint8Array, path: string): Promise<boolean> {
  const kept = await load()
  if (kept === undefined || equal(kept, seed)) return kept !== undefined
  throw new CosmicError({ code: 'identity-exists', field: path, hint: 'the file holds another identity' })
}

/** The seed, when the content is whole: its did:key is the checksum. */
async function readSeed(content: string): Promise<Uint8Array | undefined> {
  try {
    const { format, did, seed } = JSON.parse(content) as Record<string, unknown>
    const bytes = fromBase64url(String(seed))
    if (format !== FORMAT || bytes === undefined) return undefined
    return (await Signer.fromSeed(bytes)).did === did ? bytes : undefined
  } catch {
    // Neither JSON nor a seed; the cause is withheld, since a parser's message quotes the content.
    return undefined
  }
}

/** Writes beside the target and then links, which fails where a file already stands: `false` says so. */
async function writeWhole(path: string, content: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomUUID()}`
  try {
    await writeDurably(draft, content)
    return await link(draft, path).then(
      () => true,
      error => withoutLinks(error, draft, path),
    )
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function withoutLinks(error: unknown, draft: string, path: string): Promise<boolean> {
  const code = codeOf(error)
  if (code === 'EEXIST') return false
  if (!NO_LINKS.has(code)) throw error
  await rename(draft, path)
  return true
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}

async function asStorageError<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new CosmicError({ code: 'storage', field: path, hint: String(codeOf(cause)) }, { cause })
  }
}
