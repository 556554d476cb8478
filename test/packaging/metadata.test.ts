import { execFileSync } from 'node:child_process'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
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
  expect(nodeOnly).toEqual(['./storage/lmdb', './keystore/file', './embedder/use-lite', './signaling'])
})
