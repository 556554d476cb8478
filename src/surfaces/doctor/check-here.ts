import { access, constants, mkdtemp, rmdir, stat, statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { CosmicError } from '../../base/index'
import { openKeyStore } from '../../setup/index'
import { Signer } from '../../signer/index'
import { failed, ok, quoted, warning, type Check, type Found } from './finding'

const MiB = 1_048_576
/** Below this a batch of blocks may not fit. */
const LEAST_ROOM = 64 * MiB
const LITTLE_ROOM = 1_024 * MiB

/** The Node that runs, against what the package asks for. */
export function judgeRuntime(running: string): Found {
  const { engines } = createRequire(import.meta.url)('cosmic-embeddings/package.json') as { engines: { node: string } }
  const least = engines.node.replace(/^>=/, '')
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  return isEnough
    ? ok(`Node ${running}`)
    : failed(
        `Node ${running} is too old: ${least} is needed`,
        'npx -p node@22 -p cosmic-embeddings cosmic-embeddings doctor',
      )
}

export const checkRuntime: Check = async () => Promise.resolve([judgeRuntime(process.versions.node)])

/** Whether the folder, or the one in which it will be made, can be written, and has room. */
export const checkDisk: Check = async ({ folder, storage }) => {
  const paths = storage.path === undefined ? [folder] : [folder, storage.path]
  return Promise.all(paths.map(judgeFolder))
}

async function judgeFolder(folder: string): Promise<Found> {
  const standing = await nearest(folder)
  if (!(await stat(standing)).isDirectory()) {
    return failed(
      `${standing} is a file, and should be a folder`,
      `npx cosmic-embeddings init --set folder=another-folder`,
    )
  }
  if (!(await isWritable(standing))) {
    return failed(`${standing} cannot be written by this user`, `chmod u+rwx ${quoted(standing)}`)
  }
  const { bavail, bsize } = await statfs(standing)
  return judgeRoom(standing, bavail * bsize)
}

/** What so many free bytes are worth. */
export function judgeRoom(folder: string, free: number): Found {
  const message = `${folder} has ${Math.floor(free / MiB).toLocaleString('en-US')} MiB free`
  // Where nothing fits any more, nothing can be removed from a store either: it is opened by writing.
  const fix =
    free < MiB
      ? `df -h ${quoted(folder)}`
      : `npx cosmic-embeddings serve --set 'retention={"maxBytes":${Math.floor(free / 2)}}'`
  if (free < LEAST_ROOM) return failed(message, fix)
  return free < LITTLE_ROOM ? warning(message, fix) : ok(message)
}

/** The path itself, or the nearest folder above it that is there. */
async function nearest(place: string): Promise<string> {
  for (let at = path.resolve(place); ; at = path.dirname(at)) {
    const isThere = await stat(at).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'EACCES',
    )
    if (isThere || at === path.dirname(at)) return at
  }
}

/** Tried, since the rights alone do not say it: a file system may be mounted for reading only. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK)
    await rmdir(await mkdtemp(path.join(folder, '.cosmic-doctor-')))
    return true
  } catch {
    return false
  }
}

/** Whether there is an identity that opens, and whether others on this machine may read it. */
export const checkKeys: Check = async config => {
  const file = config.identity.file ?? path.join(config.folder, 'identity')
  let seed: Uint8Array | undefined
  try {
    seed = await (await openKeyStore(config)).load()
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error
    return [unreadable(file, error)]
  }
  if (seed === undefined) return [failed(`there is no identity in ${file}`, 'npx cosmic-embeddings init')]
  const { did } = await Signer.fromSeed(seed)
  const { mode } = await stat(file)
  const others = process.platform !== 'win32' && (mode & 0o077) !== 0
  return [others ? warning(`others on this machine may use ${file}`, `chmod 600 ${quoted(file)}`) : ok(did)]
}

function unreadable(file: string, error: CosmicError): Found {
  switch (error.code) {
    case 'wrong-passphrase':
      return failed(
        `${file} does not open with this passphrase`,
        'COSMIC_IDENTITY_PASSPHRASE=the-right-one npx cosmic-embeddings id',
      )
    case 'bad-seed':
    case 'damaged-key':
    case 'bad-key-format':
      return failed(
        `${file}: ${error.message}`,
        `mv ${quoted(file)} ${quoted(`${file}.damaged`)} && npx cosmic-embeddings init --restore`,
      )
    default:
      if (error.message.includes('EISDIR'))
        return failed(
          `${file} is a folder, and should be a file`,
          `mv ${quoted(file)} ${quoted(`${file}.folder`)} && npx cosmic-embeddings init --restore`,
        )
      return failed(`${file} cannot be read: ${error.message}`, `chmod 600 ${quoted(file)}`)
  }
}
