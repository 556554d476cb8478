import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

const DEBIAN = '/usr/lib/postgresql'

/** The newest of Debian's PostgreSQL servers; `POSTGRES_BIN` in the environment names the folder of another one's programs. */
export function postgresBin() {
  const { POSTGRES_BIN } = process.env
  if (POSTGRES_BIN) return existsSync(path.join(POSTGRES_BIN, 'initdb')) ? POSTGRES_BIN : undefined
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map(version => path.join(DEBIAN, version, 'bin')).find(bin => existsSync(path.join(bin, 'initdb')))
}

/** Whether tests can start a server: it refuses to run as root, who must be able to become `postgres`. */
export function hasPostgres() {
  const root = process.getuid?.() === 0
  return postgresBin() !== undefined && (!root || existsSync('/usr/bin/setpriv'))
}
