import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../test/tools/chromium.mjs'
import { kernels } from '../test/tools/ensure.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the `imports` conditions of package.json choose in `dist/`, chosen here in `src/`. */
function runtime(name: 'node' | 'browser') {
  const file = (path: string) => `${root}src/platform/${path}.ts`
  return {
    alias: [
      { find: '#platform', replacement: file(name) },
      { find: '#web-socket', replacement: file(`web-socket.${name}`) },
      { find: '#worker-port', replacement: file(`worker-port.${name}`) },
      { find: '#simple-peer', replacement: file(`simple-peer.${name}`) },
    ],
  }
}

const browserTests = 'test/browser/**/*.browser.test.ts'
const packagingTests = 'test/packaging/**/*.test.ts'

/** Examples name the package, and run over this tree. */
const self = [
  { find: /^cosmic-embeddings$/, replacement: `${root}src/index.ts` },
  { find: /^cosmic-embeddings\/simulator$/, replacement: `${root}src/simulator/index.ts` },
]

const node = {
  resolve: { alias: [...runtime('node').alias, ...self] },
  test: {
    name: 'node',
    include: ['test/**/*.test.ts', 'examples/**/*.vitest.test.ts'],
    exclude: [browserTests, packagingTests],
    testTimeout: 30_000,
    sequence: { groupOrder: 0 },
  },
}

/** What tests import lazily: found only while they run, it would make the server reload the page under them. */
const lazy = [
  '@noble/ciphers/chacha.js',
  '@noble/curves/ed25519.js',
  '@noble/hashes/hmac.js',
  '@noble/hashes/scrypt.js',
  '@scure/bip39',
  '@scure/bip39/wordlists/english.js',
]

const browser = {
  resolve: runtime('browser'),
  optimizeDeps: { include: lazy },
  test: {
    name: 'browser',
    include: [browserTests],
    testTimeout: 30_000,
    sequence: { groupOrder: 1 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
}

/** Works on the built package, as its users get it: it must not see this tree's aliases. */
const packaging = {
  test: {
    name: 'packaging',
    include: [packagingTests],
    globalSetup: `${root}test/packaging/installed.ts`,
    testTimeout: 120_000,
    sequence: { groupOrder: 2 },
  },
}

// Tests run the sources, which hold one generated module.
if (!kernels()) throw new Error('the search kernels do not compile')

const chromium = existsSync(CHROMIUM_PATH)
if (!chromium) console.warn(`\n*** SKIPPED: project "browser" (${browserTests}): no ${CHROMIUM_PATH} ***\n`)

const projects = chromium ? [node, browser, packaging] : [node, packaging]

// Many tests wait more than they compute: on two processors vitest would run one file at a time.
const maxWorkers = Math.max(2, availableParallelism() - 1)

export default defineConfig({ root, test: { projects, maxWorkers } })
