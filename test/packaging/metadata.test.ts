import { execFileSync } from 'node:child_process'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { expect, inject, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../tools/run.mjs'

const { tarball, project } = inject('installed')

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({
    pkgDir: `${project}/node_modules/cosmic-embeddings`,
    pack: false,
    strict: true,
  })
  expect(messages.map(message => formatMessage(message, pkg))).toEqual([])
})

test('what decides bytes or verdicts is pinned exactly', () => {
  for (const name of ['astronomy-engine', '@noble/ed25519', '@noble/curves', '@noble/hashes'] as const)
    expect(manifest.dependencies[name]).toMatch(/^\d+\.\d+\.\d+$/)
})

test('are-the-types-wrong finds nothing', () => {
  const cli = `${root}node_modules/@arethetypeswrong/cli/dist/index.js`
  const answer = execFileSync(process.execPath, [cli, tarball, '--profile', 'esm-only', '--format', 'json'], {
    encoding: 'utf8',
  })
  const { analysis } = JSON.parse(answer) as {
    analysis: { entrypoints: object; problems: { resolutionKind: string }[] }
  }
  expect(Object.keys(analysis.entrypoints).sort()).toEqual(Object.keys(manifest.exports).sort())
  const ignored = ['node10', 'node16-cjs']
  expect(analysis.problems.filter(problem => !ignored.includes(problem.resolutionKind))).toEqual([])
})

test('types stand first and beside the conditions, never inside one', () => {
  const subpaths = Object.entries(manifest.exports).filter(([, target]) => typeof target !== 'string')
  for (const [subpath, target] of subpaths) {
    expect([subpath, Object.keys(target)[0]]).toEqual([subpath, 'types'])
    expect(Object.values(target).every(value => typeof value === 'string')).toBe(true)
  }
})

test('only the subpaths that need Node are closed to browsers', () => {
  const nodeOnly = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target !== 'string' && !('default' in target))
    .map(([subpath]) => subpath)
  expect(nodeOnly).toEqual([
    './storage/lmdb',
    './storage/postgres',
    './keystore/file',
    './transport/nats',
    './embedder/use-lite',
    './setup',
    './mcp',
    './signaling',
  ])
})

/** The names that a declaration file says exist at run time. */
function declaredValues(file: string): string[] {
  const program = ts.createProgram([file], { skipLibCheck: true, module: ts.ModuleKind.ESNext })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
  const resolved = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const isTypeOnly = (symbol: ts.Symbol) =>
    symbol.declarations?.some(each => ts.isExportSpecifier(each) && (each.isTypeOnly || each.parent.parent.isTypeOnly))
  return checker
    .getExportsOfModule(module)
    .filter(symbol => resolved(symbol).flags & ts.SymbolFlags.Value && !isTypeOnly(symbol))
    .map(symbol => symbol.name)
    .sort()
}

test('every value that the declarations promise is there', async () => {
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string' || subpath.endsWith('.wasm')) continue
    const folder = `${project}/node_modules/cosmic-embeddings/`
    const file = 'node' in target ? target.node : target.default
    const loaded = (await import(/* @vite-ignore */ `${folder}${file}`)) as object
    expect([subpath, declaredValues(`${folder}${target.types}`)]).toEqual([subpath, Object.keys(loaded).sort()])
  }
})
