import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Mutation } from './mutations'

const root = fileURLToPath(new URL('../..', import.meta.url))
const platform = (name: string) => `${root}src/platform/${name}.ts`

/** What came of a run over a mutant. */
export interface Caught {
  /** The seed that showed it. */
  readonly seed?: number
  /** The oracle, or that the run threw or hung. */
  readonly found?: string
}

/** The source with the fault in it. Throws when the line does not stand in it exactly once any more. */
export function mutated(source: string, { name, file, line, becomes }: Mutation): string {
  const parts = source.split(line)
  if (parts.length !== 2) throw new Error(`"${name}": its line stands ${parts.length - 1} times in src/${file}`)
  return parts.join(becomes)
}

/** Bundles the simulator and everything below it with one fault built in; the sources stay as they are. */
async function bundle(mutation: Mutation, outfile: string): Promise<void> {
  const target = `${root}src/${mutation.file}`
  await build({
    entryPoints: [`${root}test/sim/mutant.ts`],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    logLevel: 'error',
    outfile,
    alias: {
      '#platform': platform('node'),
      '#web-socket': platform('web-socket.node'),
      '#simple-peer': platform('simple-peer.node'),
    },
    plugins: [
      {
        name: 'mutation',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === target
              ? { contents: mutated(readFileSync(path, 'utf8'), mutation), loader: 'ts' as const }
              : undefined,
          ),
      },
    ],
  })
}

/**
 * Runs seeds over a mutant, those of the scenario that has shown it before the others, in a process of its own, which names each seed before its run; one that says nothing more for `ms`
 * has hung, which shows the fault too.
 */
export async function hunt(mutation: Mutation, seeds: number, ms: number): Promise<Caught> {
  const folder = `${root}.cache/mutants`
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${mutation.name.replaceAll(' ', '-')}.mjs`
  await bundle(mutation, file)
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--unhandled-rejections=strict', file, String(seeds), mutation.shownBy ?? ''],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    let output = ''
    let hung = false
    const end = () => {
      hung = true
      child.kill()
    }
    let timer = setTimeout(end, ms)
    child.stdout.on('data', chunk => {
      output += String(chunk)
      clearTimeout(timer)
      timer = setTimeout(end, ms)
    })
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      const lines = output.trim().split('\n')
      const seed = Number(lines.findLast(line => /^\d+$/.test(line)) ?? 0)
      if (hung) resolve({ seed, found: 'no answer: it hung' })
      else if (code !== 0) resolve({ seed, found: `the process ended with ${code}` })
      else resolve(JSON.parse(lines.at(-1)!) as Caught)
    })
  })
}
