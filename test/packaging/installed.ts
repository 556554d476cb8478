import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { build } from '../tools/ensure.mjs'
import { root } from '../tools/run.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package, and an otherwise empty project into which it is installed, outside this tree. */
    installed: { tarball: string; project: string }
  }
}

/** Packs the package as it would be published and installs it into an empty project. */
export default function setup(tests: TestProject) {
  if (!build()) throw new Error('dist/ does not build')
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-packaging-'))
  const packed = npm(['pack', '--json', '--pack-destination', folder], root)
  const tarball = path.join(folder, fileNameOf(packed))
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder)
  tests.provide('installed', { tarball, project: folder })
  return () => rmSync(folder, { recursive: true, force: true })
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** `npm pack --json` answers an array, or since npm 12 an object keyed by package. */
function fileNameOf(json: string): string {
  const [packed] = Object.values(JSON.parse(json) as Record<string, { filename: string }>)
  return packed!.filename
}
