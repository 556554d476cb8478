import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { root } from '../tools/run.mjs'

const { project } = inject('installed')

describe.each(['README.md', 'docs/identity.md'])('the first example of %s', document => {
  /** It, and the output printed below it. */
  const [, example = '', output = ''] =
    /^```ts\n(.*?)^```.*?^```\w*\n(.*?)^```/ms.exec(readFileSync(root + document, 'utf8')) ?? []

  test('prints what is shown there', () => {
    const file = path.join(project, 'readme.mjs')
    writeFileSync(file, example)
    const printed = execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8', timeout: 60_000 })
    expect(printed.trim()).toBe(output.trim())
    expect(printed.trim()).not.toBe('')
  })

  test.each([
    ['bundler', 'esnext'],
    ['nodenext', 'nodenext'],
  ])('type-checks under moduleResolution %s', (moduleResolution, module) => {
    writeFileSync(path.join(project, 'readme.ts'), example)
    const config = path.join(project, `tsconfig.${moduleResolution}.json`)
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom', 'esnext.disposable'] },
      ...{ strict: true, skipLibCheck: false, noEmit: true, types: [] },
    }
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['readme.ts'] }))
    const { stdout } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', config], {
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
  })
})
