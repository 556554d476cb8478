import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { cacheFolder, say } from './cache'

interface Installation<T> {
  /** Of the cache. */
  readonly folder: string
  /** Packages with their versions. */
  readonly specs: readonly string[]
  /** One of them that compiles native code when its scripts run; those of the others never do. */
  readonly compiles?: string
  /** Throws when it is not there or does not work. */
  readonly load: (require: NodeJS.Require) => T
}

/**
 * Loads a package that is no dependency of the project: it is installed into a folder of the cache when it is not there
 * yet. Says loudly what cannot be had, and answers `undefined`.
 */
export function installed<T>({ folder, specs, compiles, load }: Installation<T>): T | undefined {
  const at = cacheFolder(folder)
  const attempt = () => load(createRequire(path.join(at, 'package.json')))
  const steps: (() => void)[] = [
    () => {
      say(`installing ${specs.join(' and ')} into ${at}`)
      npm(['install', '--prefix', at, '--ignore-scripts', '--no-audit', '--no-fund', ...specs])
    },
    () => {
      if (!compiles) return
      say(`compiling ${compiles}`)
      npm(['rebuild', '--prefix', at, '--foreground-scripts', compiles])
    },
  ]
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      const step = steps.shift()
      if (step) step()
      else {
        say(`*** WITHOUT ${specs.join(', ')}: ${String(error)} ***`)
        return undefined
      }
    }
  }
}

function npm(args: readonly string[]): void {
  // Both outputs go to standard error: standard output belongs to the report.
  spawnSync('npm', args, { stdio: ['ignore', 2, 2] })
}
