import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { CosmicError } from '../../base/index'
import { openStorage, type Config } from '../../setup/index'
import { openBlockStore, type BlockStore } from '../../store/index'
import { failed, ok, quoted, skipped, warning, type Check, type CheckOptions, type Found } from './finding'

/** Stores of so many blocks are compared whole without being asked to: it takes some seconds. */
const FEW = 20_000
/** Differences that are counted one by one. */
const MAX_FINDINGS = 1_000

/** Whether the store opens, and whether its indexes say what its records say. */
export const checkStore: Check = async (config, options) => {
  const { storage, folder } = config
  if (storage.kind === 'memory') return [warning('blocks are kept in memory: they end with the process', KEEP)]
  const place = storage.path ?? path.join(folder, 'store')
  if (storage.kind === 'lmdb' && (await isFile(place))) {
    return [failed(`${place} is a file, where a directory is needed`, 'npx cosmic-embeddings config show')]
  }
  if (storage.kind === 'lmdb' && !(await isThere(path.join(place, 'data.mdb')))) {
    return [(await packageMissing()) ?? ok(`none yet: ${place} is made when it is needed`)]
  }
  try {
    return [await lookInto(await open(config), options)]
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof CosmicError)) throw error
    return [unopened(error, storage.kind, place)]
  }
}

const KEEP = 'npm install lmdb && npx cosmic-embeddings stats --set storage.kind=lmdb'

async function open(config: Config): Promise<BlockStore> {
  const storage = await openStorage(config)
  return 'put' in storage ? storage : openBlockStore(storage)
}

async function lookInto(store: BlockStore, { isDeep, signal }: CheckOptions): Promise<Found> {
  try {
    const { blocks, bytes } = await store.stats()
    const size = `${blocks.toLocaleString('en-US')} blocks, ${bytes.toLocaleString('en-US')} bytes`
    if (!store.check) return ok(size)
    if (blocks > FEW && !isDeep) return ok(`${size}; --deep compares every index with its records`)
    let findings = 0
    for await (const { finding } of store.check({ signal })) {
      if (finding !== undefined && ++findings === MAX_FINDINGS) break
    }
    const count = findings === MAX_FINDINGS ? `${MAX_FINDINGS} or more` : findings
    if (findings === 0) {
      let lost = 0
      for await (const { state } of store.log({ signal })) if (state === 'lost') lost++
      return lost > 0
        ? warning(`${size}; ${lost} lost to damage, which peers or a backup may have`, 'npx cosmic-embeddings sync')
        : ok(`${size}; indexes and records agree`)
    }
    return failed(`${size}; ${count} differences between indexes and records`, 'npx cosmic-embeddings repair')
  } finally {
    await store.close()
  }
}

function unopened(error: CosmicError, kind: Config['storage']['kind'], place: string): Found {
  if (error.code === 'missing-peer') return failed(`the package ${error.package!} is not installed`, error.install)
  if (kind === 'postgres') return failed(`PostgreSQL: ${error.message}`, 'npx cosmic-embeddings config show --json')
  const holder = /another process has it open \((\d+)\)/.exec(error.hint ?? '')?.[1]
  if (holder !== undefined) return skipped(`process ${holder} has ${place} open: end it to have a look inside`)
  const refusal = /\b(ENOSPC|EDQUOT|EACCES|EPERM|EROFS)\b/.exec(error.message)?.[1]
  // What the system refuses is no damage: a store that is moved away for it would be missed.
  if (refusal === 'ENOSPC' || refusal === 'EDQUOT')
    return failed(`there is no room left for ${place}, which is whole as far as one can see`, `df -h ${quoted(place)}`)
  if (refusal !== undefined)
    return failed(`${place} cannot be written by this user (${refusal})`, `chmod -R u+rwX ${quoted(place)}`)
  const aside = quoted(`${place}.damaged`)
  const salvage = `mv ${quoted(place)} ${aside} && npx cosmic-embeddings salvage ${aside}`
  return failed(`${place} does not open: ${error.message}`, salvage)
}

/** Finds it out by asking for a storage that is never made. */
async function packageMissing(): Promise<Found | undefined> {
  const { loadPeer } = await import('../../base/index')
  return loadPeer('lmdb', () => import('lmdb')).then(
    () => undefined,
    (error: CosmicError) => failed(`the package ${error.package!} is not installed`, error.install),
  )
}

async function isFile(place: string): Promise<boolean> {
  return stat(place).then(
    found => !found.isDirectory(),
    () => false,
  )
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )
}
