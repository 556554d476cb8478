// Makes a fresh clone ready with nothing but Node and npm:
// `node test/tools/ensure.mjs [install] [kernels] [build | rebuild] [chromium] [firefox] [postgres] [python]
// [turn] [nats] [netns] [nodes]`.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { CHROMIUM_PATH } from './chromium.mjs'
import { FIREFOX_PATH } from './firefox.mjs'
import { NODE_VERSIONS, nodePath } from './other-runtimes.mjs'
import { hasPostgres } from './postgres.mjs'
import { hasPython, PYTHON_PATH } from './python.mjs'
import { hasNamespaces, NATS_PATH, TURN_PATH } from './servers.mjs'
import { digestOf, kernels } from './kernels.mjs'
import { root, run, runTool, say } from './run.mjs'

export { kernels }

const at = (/** @type {string} */ file) => path.join(root, file)

/** What `dist/` is made from. */
const BUILD_INPUTS = [
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.config/tsconfig.declarations.json',
  'tsup.config.ts',
]
const BUILD_STAMP = at('.cache/build')

const PYTHON_PACKAGES = ['python3', 'python3-cbor2', 'python3-cryptography', 'python3-nacl']

/**
 * Installs `node_modules` from the lock file when it is absent or differs from it. Not `npm ci`: that refuses a lock file
 * without the optional packages of other platforms, which npm itself may leave out. `--no-save` leaves the lock file alone;
 * install scripts are not needed, every native package ships its binaries.
 */
export function install() {
  const stale = staleBecause()
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  return !stale || run(`npm install: ${stale}`, 'npm', args)
}

/** Compares the lock file with npm's own record of what it has installed. */
function staleBecause() {
  const record = at('node_modules/.package-lock.json')
  if (!existsSync(record)) return 'node_modules is absent'
  const wanted = packagesOf(at('package-lock.json'))
  const found = packagesOf(record)
  for (const [name, { version, optional }] of Object.entries(wanted)) {
    if (name === '' || (optional && !found[name])) continue
    if (found[name]?.version !== version) return `${name} is not the locked ${version}`
  }
  return undefined
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Builds `dist/` when it is absent or its sources changed; `force` builds in any case. */
export function build({ force = false } = {}) {
  if (!kernels()) return false
  const digest = digestOf(BUILD_INPUTS)
  const fresh =
    existsSync(at('dist/index.js')) && existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === digest
  if (fresh && !force) return true
  if (!runTool('build dist', 'tsup/dist/cli-default.js', ['--silent'])) return false
  publishKernels()
  mkdirSync(path.dirname(BUILD_STAMP), { recursive: true })
  writeFileSync(BUILD_STAMP, digest)
  return true
}

/** As a file, for runtimes that forbid compiling bytes and whose bundlers compile it. */
function publishKernels() {
  copyFileSync(at('.cache/kernels/simd.wasm'), at('dist/search.wasm'))
  const lines = ['declare const kernels: WebAssembly.Module', 'export default kernels', '']
  writeFileSync(at('dist/search.wasm.d.ts'), lines.join('\n'))
}

/** Installs Chromium through apt when it is absent and we may; answers whether there is one. Its absence is no failure. */
export function chromium() {
  const has = () => existsSync(CHROMIUM_PATH)
  const installed = has() || (aptInstall('Chromium', ['chromium']) && has())
  if (!installed) say(`*** No Chromium at ${CHROMIUM_PATH}: every test in test/browser/ will be SKIPPED. ***`)
  return installed
}

/** The same for Firefox. */
export function firefox() {
  const has = () => existsSync(FIREFOX_PATH)
  const installed = has() || (aptInstall('Firefox', ['firefox-esr']) && has())
  if (!installed) say(`*** No Firefox at ${FIREFOX_PATH}: test/runtimes/firefox.test.ts will be SKIPPED. ***`)
  return installed
}

/** The same for PostgreSQL, of which the tests start a server of their own. */
export function postgres() {
  const installed = hasPostgres() || (aptInstall('PostgreSQL', ['postgresql']) && hasPostgres())
  if (!installed) say('*** No PostgreSQL server: its tests, but those on PGlite, will be SKIPPED. ***')
  return installed
}

/** The same for the packages of the second verifier, in `test/python/`. */
export function python() {
  const installed = hasPython() || (aptInstall('cbor2, cryptography or nacl of Python', PYTHON_PACKAGES) && hasPython())
  if (!installed)
    say(`*** No cbor2, cryptography and nacl for ${PYTHON_PATH}: the second verifier's tests will be SKIPPED. ***`)
  return installed
}

/** The same for a TURN relay. */
export function turn() {
  const has = () => existsSync(TURN_PATH)
  const installed = has() || (aptInstall('coturn', ['coturn']) && has())
  if (!installed) say(`*** No coturn at ${TURN_PATH}: WebRTC through a relay will be SKIPPED. ***`)
  return installed
}

/** The same for NATS. */
export function nats() {
  const has = () => existsSync(NATS_PATH)
  const installed = has() || (aptInstall('NATS', ['nats-server']) && has())
  if (!installed) say(`*** No nats-server at ${NATS_PATH}: the tests of its transport and carrier will be SKIPPED. ***`)
  return installed
}

/** Fetches the other versions of Node into `.cache/`, by npm, from the packages that carry them; answers whether all are there. */
export function nodes() {
  const have = (/** @type {[string, string]} */ [major, version]) => {
    if (existsSync(nodePath(major))) return true
    const folder = `.cache/node-${major}`
    mkdirSync(at(folder), { recursive: true })
    const options = [
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ]
    run(`install Node ${version}`, 'npm', [
      'install',
      ...options,
      `node-${process.platform}-${process.arch}@${version}`,
    ])
    return existsSync(nodePath(major))
  }
  const all = Object.entries(NODE_VERSIONS).map(have).every(Boolean)
  if (!all) say('*** Not every version of Node: the HTTP API on these will be SKIPPED. ***')
  return all
}

/** The same for networks of the tests' own, which also take root and a kernel with TUN devices. */
export function netns() {
  const has = hasNamespaces() || (aptInstall('iproute2', ['iproute2']) && hasNamespaces())
  if (!has) say('*** No network namespaces: sync through delay, loss and cuts will be SKIPPED. ***')
  return has
}

/**
 * @param {string} what
 * @param {readonly string[]} packages
 */
function aptInstall(what, packages) {
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  return (
    mayInstall &&
    run(`apt-get update (${what} is absent)`, 'apt-get', ['update', '-q']) &&
    run(`apt-get install ${packages.join(' ')}`, 'apt-get', ['install', '-qy', '--no-install-recommends', ...packages])
  )
}

/** @type {Record<string, () => boolean>} */
const steps = {
  install,
  kernels,
  build,
  rebuild: () => build({ force: true }),
  chromium: () => (chromium(), true),
  firefox: () => (firefox(), true),
  postgres: () => (postgres(), true),
  python: () => (python(), true),
  turn: () => (turn(), true),
  nats: () => (nats(), true),
  netns: () => (netns(), true),
  nodes: () => (nodes(), true),
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of process.argv.slice(2)) {
    const step = steps[name]
    if (!step) throw new Error(`no such step: ${name}`)
    if (!step()) process.exit(1)
  }
}
