import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { defineConfig, type Options } from 'tsup'

/** Published entries, by their file in `dist/`; `package.json` maps the subpaths onto them. */
const published = {
  index: 'src/index.ts',
  'storage/memory': 'src/store/memory-storage.ts',
  'storage/lmdb': 'src/adapters/storage/lmdb.ts',
  'storage/postgres': 'src/adapters/storage/postgres.ts',
  'storage/indexeddb': 'src/adapters/storage/indexeddb.ts',
  'keystore/file': 'src/adapters/keystore/file.ts',
  'keystore/indexeddb': 'src/adapters/keystore/indexeddb.ts',
  'transport/memory': 'src/adapters/transport/memory.ts',
  'transport/websocket': 'src/adapters/transport/websocket.ts',
  'transport/webrtc': 'src/adapters/transport/webrtc.ts',
  'transport/http': 'src/adapters/transport/http.ts',
  'transport/nats': 'src/adapters/transport/nats.ts',
  'embedder/from': 'src/adapters/embedder/from.ts',
  'embedder/use-lite': 'src/adapters/embedder/use-lite.ts',
  'embedder/minilm': 'src/adapters/embedder/minilm.ts',
  'keywords/minisearch': 'src/adapters/keywords/minisearch.ts',
  sky: 'src/sky/index.ts',
  setup: 'src/setup/index.ts',
  http: 'src/surfaces/http/index.ts',
  'http/client': 'src/surfaces/http/http-client.ts',
  langchain: 'src/surfaces/langchain/index.ts',
  'ai-sdk': 'src/surfaces/ai-sdk/index.ts',
  mcp: 'src/surfaces/mcp/index.ts',
  signaling: 'src/surfaces/signaling/index.ts',
  telemetry: 'src/surfaces/telemetry/index.ts',
  simulator: 'src/simulator/index.ts',
  testing: 'src/testing/index.ts',
}

/** Reached through package `imports` conditions only. */
const perRuntime = [
  'node',
  'browser',
  'web-socket.node',
  'web-socket.browser',
  'simple-peer.node',
  'simple-peer.browser',
  'worker-port.node',
  'worker-port.browser',
]

/** In one file: a worker's bundle is not split by every bundler. */
const worker = 'src/search/worker/entry.ts'

/** Copied into `dist/`, so their licences travel with them. */
const bundled = ['simple-peer/simplepeer.min.js']

/** Where the compiler puts one declaration per source, for tsup to bundle. */
const declarations = '.cache/declarations'

const common: Options = { format: 'esm', target: 'es2022', external: [/^node:/], noExternal: bundled }

export default defineConfig(async () => {
  await rm('dist', { recursive: true, force: true })
  await emitDeclarations()
  return [code(), types()]
})

function code(): Options {
  return {
    ...common,
    entry: {
      ...published,
      cli: 'src/surfaces/cli/main.ts',
      'embedder/minilm.browser': 'src/adapters/embedder/minilm.browser.ts',
      ...Object.fromEntries(perRuntime.map(name => [`platform/${name}`, `src/platform/${name}.ts`])),
    },
    platform: 'neutral',
    splitting: true,
    removeNodeProtocol: false,
    esbuildPlugins: [perRuntimePlugin()],
    async onSuccess() {
      await Promise.all([writeThirdPartyNotices(), buildWorker()])
    },
  }
}

/** From declarations, not from sources: those would be checked once more with every entry, which takes minutes and 4 GB. */
function types(): Options {
  const declarationOf = (source: string) => source.replace(/^src\/(.*)\.ts$/, `${declarations}/$1.d.ts`)
  const names = ['platform', 'web-socket', 'simple-peer', 'worker-port']
  const fileOf = (name: string) => `./${declarations}/platform/${name === 'platform' ? 'node' : `${name}.node`}.d.ts`
  const paths = Object.fromEntries(names.map(name => [`#${name}`, [fileOf(name)]]))
  const sources = Object.entries({ ...published, worker })
  const entry = Object.fromEntries(sources.map(([name, source]) => [name, declarationOf(source)]))
  return { ...common, entry, dts: { only: true, entry, compilerOptions: { paths } } }
}

async function emitDeclarations() {
  await rm(declarations, { recursive: true, force: true })
  const args = ['node_modules/typescript/bin/tsc', '--project', '.config/tsconfig.declarations.json']
  await promisify(execFile)(process.execPath, [...args, '--outDir', declarations])
}

/**
 * Leaves `#…` imports to the user's runtime or bundler. As a plugin, because `external` would keep them in the
 * declarations too, where only this package could resolve them.
 */
function perRuntimePlugin(): Plugin {
  return {
    name: 'per-runtime',
    setup: build => build.onResolve({ filter: /^#/ }, ({ path }) => ({ path, external: true })),
  }
}

async function buildWorker() {
  await build({
    ...{ entryPoints: [worker], outfile: 'dist/worker.js', bundle: true, format: 'esm', target: 'es2022' },
    ...{ platform: 'neutral', packages: 'external', plugins: [perRuntimePlugin()], logLevel: 'error' },
  })
}

async function writeThirdPartyNotices() {
  const notices = await Promise.all(
    bundled.map(async path => {
      const name = path.split('/')[0]!
      return `${name}\n\n${(await readFile(`node_modules/${name}/LICENSE`, 'utf8')).trim()}\n`
    }),
  )
  await writeFile('dist/THIRD-PARTY.txt', notices.join('\n---\n\n'))
}
