import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import { build } from 'esbuild'
import { expect, inject, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const { project } = inject('installed')
const subpaths = Object.keys(manifest.exports).filter(subpath => !/\.(json|wasm)$/.test(subpath))

/** Everything that an import could draw, start or compile throws; then every subpath is imported. */
const witness = `
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
const forbid = (object, name) => { object[name] = () => { throw new Error(name + ' at import') } }
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'fetch']) forbid(globalThis, name)
for (const name of ['randomBytes', 'randomFillSync', 'randomInt', 'generateKeyPairSync', 'verify', 'sign']) forbid(crypto, name)
for (const name of ['Module', 'compile', 'instantiate']) forbid(WebAssembly, name)
forbid(Crypto.prototype, 'getRandomValues')
forbid(Math, 'random')
forbid(Date, 'now')
syncBuiltinESMExports()
for (const subpath of ${JSON.stringify(subpaths)}) await import('cosmic-embeddings' + subpath.slice(1))
console.log('imported ' + ${subpaths.length})
`

test('importing any subpath draws nothing, starts nothing and compiles nothing', () => {
  const file = path.join(project, 'witness.mjs')
  writeFileSync(file, witness)
  const flags = ['--disallow-code-generation-from-strings', '--unhandled-rejections=strict']
  const printed = execFileSync(process.execPath, [...flags, file], { cwd: project, encoding: 'utf8' })
  expect(printed.trim()).toBe(`imported ${subpaths.length}`)
})

test('the browser build loads in a bare context: no DOM, no timers, no crypto, no process', async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from 'cosmic-embeddings'`, resolveDir: project },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'cosmic',
    platform: 'browser',
    logLevel: 'silent',
  })
  const context = vm.createContext(
    { TextEncoder, TextDecoder },
    { codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' },
  )
  vm.runInContext(outputFiles[0]!.text, context, { timeout: 10_000 })
  expect(vm.runInContext('typeof cosmic.createBlock', context)).toBe('function')
})

test('no declaration mentions a private import or a package that users do not have', () => {
  const folder = path.join(project, 'node_modules/cosmic-embeddings/dist')
  const known = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]
  const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.d.ts'))
  expect(declarations.length).toBeGreaterThanOrEqual(subpaths.length)
  for (const file of declarations) {
    const text = readFileSync(path.join(folder, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, '')
    const imported = [...text.matchAll(/(?:\sfrom|import\()\s*['"]([^'"]+)['"]/g)].map(match => match[1]!)
    const foreign = imported.filter(
      name => !name.startsWith('.') && !known.some(own => name === own || name.startsWith(`${own}/`)),
    )
    expect([file, foreign]).toEqual([file, []])
  }
})
