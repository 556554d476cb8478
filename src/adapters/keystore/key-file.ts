import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { amended, CosmicError, equal } from '../../base/index'
import type { KeyStore } from '../../signer/index'

/** How a seed stands in a file. */
export interface KeyFileFormat {
  write(seed: Uint8Array): Promise<Uint8Array>
  /** Rejects a `CosmicError` when the content is damaged or does not open; the file's path is added to it. */
  read(content: Uint8Array): Promise<Uint8Array>
}

/** Every format is far smaller; what is longer is read to here only, and then refused by its format. */
const LONGEST = 4096

/** Codes of file systems that know no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'])

/** A key store that is one file: it appears whole or not at all, for its owner only, and never changes its identity. */
export function keyFile(path: string, format: KeyFileFormat): KeyStore {
  const load = (): Promise<Uint8Array | undefined> => loadSeed(path, format)
  return {
    load,
    async save(seed) {
      if (await isKept(load, seed, path)) return
      const content = await format.write(seed)
      const appeared = await asStorageError(path, () => writeWhole(path, content))
      if (!appeared && !(await isKept(load, seed, path))) throw new CosmicError({ code: 'storage', field: path })
    },
  }
}

async function loadSeed(path: string, format: KeyFileFormat): Promise<Uint8Array | undefined> {
  const content = await asStorageError(path, () => readStart(path).catch(absent))
  if (content === undefined) return undefined
  try {
    return await format.read(content)
  } catch (error) {
    if (!(error instanceof CosmicError) || error.field !== undefined) throw error
    throw new CosmicError(amended(error, { field: path }))
  }
}

/** Whether the file holds this very identity; rejects when it holds another. */
async function isKept(load: KeyStore['load'], seed: Uint8Array, path: string): Promise<boolean> {
  const kept = await load()
  if (kept === undefined || equal(kept, seed)) return kept !== undefined
  throw new CosmicError({ code: 'identity-exists', field: path, hint: 'the file holds another identity' })
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const content = new Uint8Array(LONGEST)
    let length = 0
    for (let read = 1; read > 0 && length < LONGEST; length += read) {
      read = (await file.read(content, length, LONGEST - length)).bytesRead
    }
    return content.subarray(0, length)
  } finally {
    await file.close()
  }
}

/** Writes beside the target and then links, which fails where a file already stands: `false` says so. */
async function writeWhole(path: string, content: Uint8Array): Promise<boolean> {
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

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
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
