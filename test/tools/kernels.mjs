// What is compiled from AssemblyScript into modules of `src/` that git ignores.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root, runTool } from './run.mjs'

const at = (/** @type {string} */ file) => path.join(root, file)

/** Folders of AssemblyScript, and what the compiler makes of each: base64 in a module of `src/` that git ignores, and a file. */
const KERNELS = [
  {
    from: 'src/search/kernels/assembly',
    to: 'src/search/kernels/binaries.generated.ts',
    pages: 1,
    // For runtimes without and with relaxed SIMD; the first is published as `./search.wasm`.
    binaries: { simd: [], relaxedSimd: ['--enable', 'relaxed-simd'] },
  },
  {
    from: 'src/platform/ed25519/assembly',
    to: 'src/platform/ed25519/sums.generated.ts',
    pages: 8,
    binaries: { sums: [] },
  },
]

/** The text of a thread, as a module of `src/` that git ignores: it holds one of the kernels. */
const THREAD = { from: 'src/platform/ed25519/thread.ts', to: 'src/platform/ed25519/thread.generated.ts' }

/** Compiles what is written in AssemblyScript, when it changed, and bundles the thread that uses it. */
export function kernels() {
  mkdirSync(at('.cache/kernels'), { recursive: true })
  return KERNELS.every(compileKernels) && bundleThread()
}

/** @param {(typeof KERNELS)[number]} kernels */
function compileKernels({ from, to, pages, binaries }) {
  const digest = digestOf([from, 'test/tools/kernels.mjs', 'node_modules/assemblyscript/package.json'])
  if (isMadeFrom(to, digest)) return true
  const lines = [`// Made from ${from} by test/tools/kernels.mjs: ${digest}`]
  for (const [name, features] of Object.entries(binaries)) {
    const file = `.cache/kernels/${name}.wasm`
    const memory = ['--initialMemory', String(pages), '--memoryBase', '1024']
    const options = ['--runtime', 'stub', '--noAssert', '-O3', ...memory]
    const args = [`${from}/index.ts`, '--outFile', file, ...options, '--enable', 'simd', ...features]
    if (!runTool(`compile kernels: ${name}`, 'assemblyscript/bin/asc.js', args)) return false
    lines.push(`export const ${name} =\n  '${readFileSync(at(file)).toString('base64')}'`)
  }
  writeFileSync(at(to), `${lines.join('\n')}\n`)
  return true
}

function bundleThread() {
  const { from, to } = THREAD
  const digest = digestOf([
    'src/platform/ed25519/assembly',
    'src/base',
    from,
    'test/tools/kernels.mjs',
    ...THREAD_PARTS,
  ])
  if (isMadeFrom(to, digest)) return true
  const file = '.cache/kernels/thread.cjs'
  const options = ['--bundle', '--minify', '--format=cjs', '--platform=node', '--target=es2022', '--log-level=warning']
  if (!runTool('bundle a thread', 'esbuild/bin/esbuild', [from, `--outfile=${file}`, ...options])) return false
  const text = JSON.stringify(readFileSync(at(file), 'utf8'))
  writeFileSync(at(to), `// Made from ${from} by test/tools/kernels.mjs: ${digest}\nexport const thread =\n  ${text}\n`)
  return true
}

const THREAD_PARTS = ['batch-equation.ts', 'lay-claims.ts'].map(name => `src/platform/ed25519/${name}`)

/**
 * @param {string} file
 * @param {string} digest
 */
function isMadeFrom(file, digest) {
  return existsSync(at(file)) && readFileSync(at(file), 'utf8').includes(digest)
}

/** @param {readonly string[]} inputs files and folders */
export function digestOf(inputs) {
  const hash = createHash('sha256')
  const add = (/** @type {string} */ file) => {
    if (statSync(at(file)).isDirectory())
      return readdirSync(at(file))
        .sort()
        .forEach(name => add(`${file}/${name}`))
    hash
      .update(`${file}\0`)
      .update(readFileSync(at(file)))
      .update('\0')
  }
  inputs.forEach(add)
  return hash.digest('hex')
}
